package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Health;
import io.taskbroker.application.broker.Flow;
import io.taskbroker.application.broker.Vitals;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.Dispatch.Wish;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.exchange.ExchangeEvent;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.push.PushEvent;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.rules.RulesEvent;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.application.upkeep.OutboxEvent;
import io.taskbroker.application.upkeep.UpkeepEvent;
import io.taskbroker.application.upkeep.UpkeepReport;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Answer.Verdict;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tells every port everything, and compares what an agent hears with the table in the documents.
 */
class EveryMetricTest {
  private static final Duration TOOK = Duration.ofMillis(7);
  private static final long NANOS = TOOK.toNanos();
  private static final Activation TASK = Activations.pending("a").build();
  private static final Claim CLAIM = new Claim(1, 1, TASK, 0, RetryOverride.NONE, null);

  private static final byte[] PAYLOAD = new byte[100];
  private static final Wish ANY = new Wish(null, null);

  private final SettableTime time = new SettableTime();

  @TempDir Path folder;

  @Test
  void namesTypesAndTagsAreThoseOfTheTable() throws IOException {
    Path database = Files.write(folder.resolve("store.sqlite"), new byte[1]);
    Files.write(folder.resolve("store.sqlite-wal"), new byte[2]);
    Set<String> heard;
    try (var agent = new Agent()) {
      var settings = new MetricsSettings(agent.asSetting(), Map.of(), Duration.ofMillis(50));
      try (var metrics = new Metrics(settings, time)) {
        metrics.watch(EveryMetricTest::vitals).watch(database).start();
        tellEverything(metrics);
        agent.await("store.commit.duration");
        agent.await("runtime.heap_used_bytes");
      }
      heard =
          agent.hear().stream()
              .map(line -> MetricsTable.signature(line.name(), line.type(), line.tagNames()))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(agent.largest()).isLessThanOrEqualTo(DogStatsd.DATAGRAM_BYTES);
    }

    MetricsTable.compare(heard, row -> MetricsTable.signature(row.name(), row.type(), row.tags()));
  }

  @Test
  void familiesOnThePageForPrometheusAreThoseOfTheTable() throws IOException {
    Path database = Files.write(folder.resolve("store.sqlite"), new byte[1]);
    Files.write(folder.resolve("store.sqlite-wal"), new byte[2]);
    try (var agent = new Agent();
        var metrics =
            new Metrics(
                new MetricsSettings(agent.asSetting(), Map.of(), Duration.ofHours(1)), time)) {
      metrics.watch(EveryMetricTest::vitals).watch(database).start();
      tellEverything(metrics);

      awaitTheJvms(metrics);
      MetricsTable.compare(families(metrics), EveryMetricTest::family);
    }
  }

  /** A thread of its own takes the JVM's metrics, soon after the start. */
  private static void awaitTheJvms(Metrics metrics) {
    Set<String> expected = MetricsTable.documented(EveryMetricTest::family);
    expected.removeIf(name -> !name.startsWith("taskbroker_runtime_"));
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!families(metrics).containsAll(expected) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private static Set<String> families(Metrics metrics) {
    return metrics.collected().collect().stream()
        .map(found -> found.getMetadata().getName())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String family(MetricsTable.Row row) {
    return "taskbroker_" + row.name().replace('.', '_');
  }

  private static Vitals vitals() {
    return new Vitals(
        1,
        Depths.EMPTY,
        new StoreSize(2, 3),
        TOOK,
        Map.of("Intake of topic t", "a|b, #c\nd"),
        Flow.NONE);
  }

  private void tellEverything(Metrics metrics) {
    tellIntake(metrics.broker().intake().apply("t"));
    dispatch(metrics);
    decode(metrics);
    metrics.calls().ended("some.Service/Method", NANOS);
    tellStore(metrics.broker().store());
    tellJournal(metrics.journal());
    tellUpkeep(metrics.broker().upkeep());
    tellOutbox(metrics.broker().outbox());
    metrics.broker().rules().count(new RulesEvent.Killed(1, TOOK));
    metrics.broker().rules().count(new RulesEvent.Demoted(1, TOOK));
    metrics.broker().exchange().count(new ExchangeEvent.NotNow(3));
    metrics.broker().exchange().count(new ExchangeEvent.Attached(2));
    metrics.broker().exchange().count(new ExchangeEvent.Ran(TOOK));
    metrics
        .broker()
        .exchange()
        .count(new ExchangeEvent.Told(new News.HandBack(new Attempt("a", 1)), Verdict.SUPERSEDED));
    tellPush(metrics.push());
  }

  private static void tellIntake(EventSink<IntakeEvent> intake) {
    intake.count(new IntakeEvent.Assigned(3));
    intake.count(new IntakeEvent.Paused(0));
    intake.count(new IntakeEvent.Bad());
    intake.count(new IntakeEvent.Deleted(7));
    intake.count(new IntakeEvent.Expired());
    intake.count(new IntakeEvent.Judged(TASK, KillSwitch.Match.SELECTOR, TOOK));
    intake.count(new IntakeEvent.Demoted(TASK));
    intake.count(new IntakeEvent.DemotionSkipped(TASK));
    intake.count(new IntakeEvent.Batched(1, 100));
    intake.count(new IntakeEvent.Held(Backpressure.Reason.DELAY_LIMIT));
    intake.count(new IntakeEvent.Stored(1, TOOK, TOOK));
    intake.count(new IntakeEvent.StoreFailed());
    intake.count(new IntakeEvent.Revoked(3));
  }

  /** A broker that is measured does a bit of everything. */
  private void dispatch(Metrics metrics) {
    try (BrokerFixture broker = BrokerFixture.builder().metrics(metrics.broker()).start()) {
      broker.produce(Activations.pending("a"), Activations.pending("b"));
      broker.await("both to be stored", () -> broker.broker().vitals().depths().pending() == 2);
      time.advance(TOOK);
      Delivered task = broker.take();
      Dispatch dispatch = broker.broker().dispatch();
      dispatch.report(report("a", Conclusion.FAILURE), ANY, Recipient.OF_ANYTHING);
      dispatch
          .reportAll(
              List.of(
                  report(task.claim().activation().id(), Conclusion.COMPLETE),
                  report("unknown", Conclusion.COMPLETE),
                  report("b", Conclusion.RETRY)))
          .toCompletableFuture()
          .join();
    }
  }

  private static Report report(String id, Conclusion conclusion) {
    return new Report(id, conclusion, RetryOverride.NONE);
  }

  private static void decode(Metrics metrics) {
    SourceRecord record = new SourceRecord(TASK.partition(), 0, 0, PAYLOAD, List.of());
    metrics.measured("t", (_, _) -> new Decoded.Task(TASK, PAYLOAD, false)).decode(record, 0);
    metrics
        .measured("t", (_, _) -> new Decoded.Wrapped(TASK, PAYLOAD, true, OptionalInt.of(60)))
        .decode(record, 0);
  }

  private static void tellStore(EventSink<StoreEvent> store) {
    for (StoreCall call : StoreCall.values()) {
      store.count(new StoreEvent.Begun(List.of(new QueuedAtTheBeginning(call)), NANOS));
    }
    store.count(new StoreEvent.Turned(TOOK));
    store.count(new StoreEvent.Grouped(4));
    store.count(new StoreEvent.Committed(TOOK));
    store.count(new StoreEvent.Synced(2, TOOK));
    store.count(new StoreEvent.PutAside(1));
    store.count(
        new StoreEvent.Ended(
            List.of(new EndedTask(1, TASK, Ending.COMPLETED, 0, 5, 12, null, null))));
    store.count(
        new StoreEvent.Ended(
            Collections.nCopies(
                TaskCounts.MOST_WAITING + 1,
                new EndedTask(1, TASK, Ending.COMPLETED, 0, 5, 12, null, null))));
  }

  private record QueuedAtTheBeginning(StoreCall call) implements StoreEvent.Queued {
    @Override
    public long queuedNanos() {
      return 0;
    }
  }

  private static void tellJournal(EventSink<JournalEvent> journal) {
    journal.count(new JournalEvent.LogSeen(true, 7, 5));
    journal.count(new JournalEvent.Checkpointed(TOOK));
    journal.count(new JournalEvent.Reclaimed(3, TOOK));
    journal.count(new JournalEvent.CheckpointFailed());
    for (JournalEvent.Remedy remedy : JournalEvent.Remedy.values()) {
      journal.count(new JournalEvent.BrokenOff(remedy));
    }
    journal.count(new JournalEvent.ConnectionLost());
    journal.count(new JournalEvent.Beaten(4, Duration.ofMillis(-20)));
    journal.count(new JournalEvent.TablesSeen(7, Duration.ofSeconds(9)));
    journal.count(new JournalEvent.ReportsLeft(2));
    journal.count(new JournalEvent.ReportsTaken(1));
  }

  private static void tellUpkeep(EventSink<UpkeepEvent> upkeep) {
    for (Sweep kind : Sweep.values()) {
      upkeep.count(new UpkeepEvent.Stepped(kind, TOOK));
    }
    upkeep.count(new UpkeepEvent.Skipped(Sweep.DEADLINES));
    upkeep.count(new UpkeepEvent.Skipped(Sweep.LEASES));
    upkeep.count(
        new UpkeepEvent.Passed(
            new UpkeepReport(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, true, false, Depths.EMPTY, TOOK),
            TOOK));
    upkeep.count(new UpkeepEvent.Killed(1));
    upkeep.count(
        new UpkeepEvent.Waiting(
            List.of(new ApplicationDepth("shop", 3, Optional.of(TOOK), Optional.empty(), true))));
    upkeep.count(new UpkeepEvent.Rewritten(TOOK));
    upkeep.count(new UpkeepEvent.NotRewritten("the disk is full"));
    upkeep.count(new UpkeepEvent.Judged(Health.Verdict.HEALTHY));
  }

  private static void tellOutbox(EventSink<OutboxEvent> outbox) {
    for (Lane lane : Lane.values()) {
      outbox.count(new OutboxEvent.Behind(lane, TOOK));
      outbox.count(new OutboxEvent.Tried(lane, TASK, 100, false));
      outbox.count(new OutboxEvent.Parked(lane, TASK));
      outbox.count(new OutboxEvent.Published(lane, "t", 2, 1, TOOK));
    }
  }

  private static void tellPush(EventSink<PushEvent> push) {
    push.count(new PushEvent.Claimed(0, TOOK));
    push.count(new PushEvent.Claimed(2, TOOK));
    push.count(new PushEvent.ClaimedOne(CLAIM, TOOK));
    push.count(new PushEvent.ClaimFailed());
    push.count(new PushEvent.Pushed(CLAIM, new Answer.Accepted(), TOOK));
    push.count(new PushEvent.Pushed(CLAIM, new Answer.Unknown("silence"), TOOK));
    for (PushEvent.Offer offer : PushEvent.Offer.values()) {
      push.count(new PushEvent.Offered(offer, 1, TOOK));
    }
    push.count(new PushEvent.Queued("app", 3));
    push.count(new PushEvent.Dequeued(TOOK));
    push.count(new PushEvent.Marked(true, TOOK));
    push.count(new PushEvent.MarkFailed());
    push.count(new PushEvent.Undone(1, true));
    push.count(new PushEvent.WithoutWorker(Map.of("app", 3)));
  }
}
