package io.taskbroker.proving.tasks;

import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.ReturningKafka;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.JvmMemory;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Much of one kind at once neither blocks anything nor fills the memory. */
public final class Limits implements Scenario {
  private static final int OF_EACH = 40_000;
  private static final Duration FILTERED = Duration.ofMinutes(1);
  private static final Duration HEALTH = Duration.ofSeconds(1);
  private static final Duration SAMPLE = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Above what the collector leaves about by chance. */
  private static final long FLAT_BYTES = 16L << 20;

  private static final TaskKind RETRIED = TaskKind.quick("limits.retried").retrying(1);
  private static final TaskKind KEPT = TaskKind.quick("limits.kept").ending(Ending.DEAD_LETTER);
  private static final TaskKind QUICK = TaskKind.quick("limits.quick");

  /** The producer's clock is the broker's, so it is over before it arrives. */
  private static final TaskKind EXPIRED = TaskKind.quick("limits.expired").expiring(Duration.ZERO);

  @Override
  public String name() {
    return "limits";
  }

  @Override
  public String promise() {
    return "batches above every limit, %d retries and as many dead letters at once, a minute of %s"
        .formatted(OF_EACH, "nothing but expired tasks");
  }

  @Override
  public Verdict play(Stage stage) {
    var verdict = new Verdict();
    largeBatches(stage.in("batches"), verdict);
    fullOutbox(stage.in("outbox"), verdict);
    everythingFiltered(stage.in("filtered"), verdict);
    return verdict;
  }

  /** A batch of 256 where only 10 may be pending. */
  private static void largeBatches(Stage stage, Verdict verdict) {
    try (Rig rig = stage.rig("limits-batches", Map.of("store.max_pending_count", 10))) {
      rig.producer().produce(QUICK, 2_000);
      rig.producer().flush();
      try (BrokerProcess _ = rig.startBroker();
          StoreWindow view = rig.view()) {
        Waiting.until("some are stored", PATIENCE, () -> view.count("Pending") > 0);
        long most = view.count("Pending");
        try (var _ = rig.startWorkers(rig.workers(4, 1), QUICK)) {
          rig.awaitEnds(PATIENCE);
        }
        rig.awaitNothingLeft(view, PATIENCE);
        verdict
            .atMost("batches.pending", 10, most)
            .expect("batches.completed", 2_000, rig.ledger().account().completed());
      }
    }
  }

  /** Kafka is away while workers end them, so that all of their records wait at once. */
  private static void fullOutbox(Stage stage, Verdict verdict) {
    var limits =
        Map.<String, Object>of(
            "store.max_pending_count",
            100_000,
            "store.max_outbox_count",
            100_000,
            "kafka_retry_topic",
            "limits-outbox");
    NodeSettings node = NodeSettings.in(stage.folder().resolve("kafka"));
    try (ReturningKafka kafka = ReturningKafka.start(node);
        Rig rig = Rig.of(stage.folder(), kafka.address(), "limits-outbox", limits);
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view()) {
      long before = JvmMemory.liveHeapBytes(broker.process());
      rig.producer().produce(RETRIED, OF_EACH);
      rig.producer().produce(KEPT, OF_EACH);
      rig.producer().flush();
      Waiting.until("all are stored", PATIENCE, () -> view.count("Pending") >= 2 * OF_EACH);
      kafka.kill();
      long retries;
      long deadLetters;
      long seconds;
      try (var _ = rig.startWorkers(rig.workers(64, 4), RETRIED, KEPT)) {
        Waiting.until(
            "workers have ended all",
            PATIENCE,
            () -> view.count("Retry") + view.count("Failure") >= 2 * OF_EACH);
        retries = view.count("Retry");
        deadLetters = view.count("Failure");
        broker.awaitServing(HEALTH);
        stage.say(retries + " retries and " + deadLetters + " dead letters wait; it is healthy");
        long back = System.nanoTime();
        kafka.comeBack();
        rig.awaitEnds(PATIENCE);
        rig.awaitNothingLeft(view, PATIENCE);
        seconds = Duration.ofNanos(System.nanoTime() - back).toSeconds();
      }
      var account = rig.ledger().account();
      verdict
          .expect("outbox.retries_waiting", OF_EACH, retries)
          .expect("outbox.dead_letters_waiting", OF_EACH, deadLetters)
          .show("outbox.seconds_to_leave", seconds)
          .expect("outbox.retried", OF_EACH, account.retried())
          .expect("outbox.dead_lettered", OF_EACH, account.deadLettered())
          .expect("outbox.lost", 0, account.open())
          .expect("outbox.left", 0, view.count())
          .atMost(
              "outbox.heap_growth", FLAT_BYTES, JvmMemory.liveHeapBytes(broker.process()) - before)
          .expect("outbox.errors", 0, rig.errorLines(broker));
    }
  }

  private static void everythingFiltered(Stage stage, Verdict verdict) {
    try (Rig rig = stage.rig("limits-filtered", Map.of());
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view()) {
      List<Long> heap = new ArrayList<>();
      long end = System.nanoTime() + FILTERED.toNanos();
      long nextSample = System.nanoTime() + SAMPLE.toNanos();
      long sent = 0;
      while (System.nanoTime() < end) {
        rig.producer().produce(EXPIRED, 1_000);
        rig.producer().flush();
        sent += 1_000;
        if (System.nanoTime() > nextSample) {
          heap.add(JvmMemory.liveHeapBytes(broker.process()));
          nextSample += SAMPLE.toNanos();
        }
        Waiting.pause(Duration.ofMillis(50));
      }
      Waiting.untilNothingLeft(
          "all offsets are committed",
          Duration.ofSeconds(30),
          () -> rig.topics().lag(rig.settings().group(), rig.settings().topic()));
      stage.say("live heap while everything is filtered: " + heap);
      verdict
          .show("filtered.sent", sent)
          .expect("filtered.stored", 0, view.count())
          .atMost("filtered.heap_growth", FLAT_BYTES, heap.getLast() - heap.getFirst())
          .show("filtered.rss", JvmMemory.residentBytes(broker.process()))
          .expect("filtered.errors", 0, rig.errorLines(broker));
    }
  }
}
