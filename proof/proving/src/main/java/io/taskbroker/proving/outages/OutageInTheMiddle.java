package io.taskbroker.proving.outages;

import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.ReturningKafka;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;

/**
 * One of two Kafka clusters goes away for a minute, in the middle of which the broker is restarted;
 * a topic is deleted and created anew at once.
 */
final class OutageInTheMiddle implements Part {
  private static final Duration OUTAGE = Duration.ofSeconds(60);

  /** How far into the outage the broker is restarted. */
  private static final Duration RESTART = Duration.ofSeconds(40);

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int STORED = 1_500;

  /** So many are done before those of which the retries have to wait for Kafka. */
  private static final int BEFORE_RETRIES = 300;

  private static final int RETRIED_TASKS = 100;
  private static final int DELAYED_TASKS = 50;
  private static final int ELSEWHERE_TASKS = 500;
  private static final int LATER = 500;
  private static final int PAYLOAD_BYTES = 1024;
  private static final String ELSEWHERE = "outage-elsewhere";

  /** Eight workers are busy with what is stored for longer than the outage. */
  private static final TaskKind SLOW =
      TaskKind.quick("outage.slow").working(Duration.ofMillis(350));

  private static final TaskKind RETRIED = TaskKind.quick("outage.retried").retrying(1);

  /** Released by upkeep in the middle of the outage. */
  private static final TaskKind DELAYED =
      TaskKind.quick("outage.delayed").delayed(Duration.ofSeconds(25));

  private static final TaskKind OTHER = TaskKind.quick("outage.elsewhere");

  /** How far the workers were at the moments that are compared. */
  private record Counts(long before, long during, long after, long elsewhereLeft, long delayed) {}

  @Override
  public void play(Stage stage, Verdict verdict) {
    NodeSettings node = NodeSettings.in(stage.folder().resolve("kafka"));
    String other = stage.kafka().address();
    var limits =
        Map.<String, Object>of(
            "kafka_retry_topic",
            "outage",
            "kafka_clusters.elsewhere.address",
            other,
            "kafka_topics." + ELSEWHERE + ".cluster",
            "elsewhere",
            "kafka_topics." + ELSEWHERE + ".consumer_group",
            ELSEWHERE);
    var target = new ActivationProducer.Target(other, ELSEWHERE, "elsewhere");
    try (ReturningKafka kafka = ReturningKafka.start(node);
        Topics elsewhere = Topics.at(other);
        Rig rig = Rig.of(stage.folder(), kafka.address(), "outage", limits);
        var producer = new ActivationProducer(target, PAYLOAD_BYTES, rig.ledger())) {
      elsewhere.create(ELSEWHERE, 1);
      play(stage, kafka, elsewhere, rig, producer, verdict);
    }
  }

  private static void play(
      Stage stage,
      ReturningKafka kafka,
      Topics elsewhere,
      Rig rig,
      ActivationProducer producer,
      Verdict verdict) {
    BrokerProcess broker = rig.startBroker();
    try (StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(8, 2).of("proving"), SLOW, RETRIED, DELAYED);
        var _ = rig.startWorkers(rig.workers(4, 1).of("elsewhere"), OTHER)) {
      produceFirst(rig);
      kafka.kill();
      stage.say("Kafka is gone");
      long downAt = System.nanoTime();
      long before = rig.ledger().account().completed();
      producer.produce(OTHER, ELSEWHERE_TASKS);
      producer.flush();
      pauseUntil(downAt, RESTART);
      long elsewhereLeft = elsewhere.lag(ELSEWHERE, ELSEWHERE);
      long during = rig.ledger().account().completed();
      verdict.expect("exit_in_outage", 0, broker.stop(ProcessSignal.TERM).code());
      broker = rig.startBroker();
      pauseUntil(downAt, OUTAGE);
      long after = rig.ledger().account().completed();
      var counts = new Counts(before, during, after, elsewhereLeft, view.count("Delay"));
      kafka.comeBack();
      stage.say("Kafka is back");
      rig.producer().produce(SLOW, LATER);
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      recreate(elsewhere, producer);
      rig.awaitEnds(PATIENCE);
      rig.awaitNothingLeft(view, PATIENCE);
      verdict.expect("exit", 0, broker.stop(ProcessSignal.TERM).code());
      judge(rig, counts, verdict);
    } finally {
      broker.close();
    }
  }

  private static void produceFirst(Rig rig) {
    rig.producer().produce(DELAYED, DELAYED_TASKS);
    rig.producer().produce(SLOW, BEFORE_RETRIES);
    rig.producer().produce(RETRIED, RETRIED_TASKS);
    rig.producer().produce(SLOW, STORED - BEFORE_RETRIES);
    rig.producer().flush();
    awaitNoLag(rig);
  }

  private static void judge(Rig rig, Counts counts, Verdict verdict) {
    Account account = rig.ledger().account();
    long produced = STORED + RETRIED_TASKS + DELAYED_TASKS + LATER + 2L * ELSEWHERE_TASKS;
    verdict
        .expect("produced", produced, account.produced())
        .expect("completed", produced, account.completed())
        .expect("lost", 0, account.open())
        .expect("elsewhere_left_in_outage", 0, counts.elsewhereLeft)
        .atLeast("completed_in_outage", 1_000, counts.during - counts.before)
        .atLeast("completed_after_restart", 200, counts.after - counts.during)
        .expect("delayed_left_in_outage", 0, counts.delayed)
        .expect("retried", RETRIED_TASKS, account.retried())
        .expect("repeated", 0, account.repeats())
        .expectNone("error_lines", rig.settings().errorLines());
  }

  private static void recreate(Topics elsewhere, ActivationProducer producer) {
    Waiting.untilNothingLeft(
        "the other topic is committed", PATIENCE, () -> elsewhere.lag(ELSEWHERE, ELSEWHERE));
    elsewhere.createAnew(ELSEWHERE, 1);
    producer.produce(OTHER, ELSEWHERE_TASKS);
    producer.flush();
  }

  private static void awaitNoLag(Rig rig) {
    Waiting.untilNothingLeft(
        "all is taken in",
        PATIENCE,
        () -> rig.topics().lag(rig.settings().group(), rig.settings().topic()));
  }

  private static void pauseUntil(long startNanos, Duration since) {
    long left = since.toNanos() - (System.nanoTime() - startNanos);
    if (left > 0) {
      Waiting.pause(Duration.ofNanos(left));
    }
  }
}
