package io.taskbroker.workload;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.AttachedSettings;
import io.taskbroker.workload.load.AttachedWorkers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * All that a broker does, and its daily work for long enough that its JVM knows which methods are
 * hot, so that the JVM can keep what it learns for later starts.
 */
public final class Training {
  private static final int OF_EACH = 2_000;

  /** Of the daily work, so many that what is hot has been compiled by the optimising compiler. */
  private static final int MANY = 60_000;

  /** One after the other, as they come to a broker that has little to do. */
  private static final int SINGLE = 40;

  /** More than there are, so that a backlog is stored before the workers come. */
  private static final Map<String, Object> LIMITS =
      Map.of("store.max_pending_count", 2 * MANY, "store.max_processing_count", 2 * MANY);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final TaskKind QUICK = TaskKind.quick("train.quick");
  private static final TaskKind RETRIED = TaskKind.quick("train.retried").retrying(1);
  private static final TaskKind FAILED = TaskKind.quick("train.failed").ending(Ending.DEAD_LETTER);
  private static final Duration START = Duration.ofMinutes(1);
  private static final Duration WORK = Duration.ofMinutes(2);

  /** At its end the JVM writes what it keeps, or starts another one that does. */
  private static final Duration END = Duration.ofMinutes(3);

  private Training() {}

  /**
   * Lets a broker do its work, and returns when its process has ended.
   *
   * @param folder of this broker alone; its topic gets the same name
   * @param launch starts it with the options that make the JVM keep something
   * @throws IllegalStateException with its output if it does not end as asked
   */
  public static void run(Kafka kafka, Path folder, Function<BrokerSetup, BrokerProcess> launch) {
    try (Rig rig = Rig.of(folder, kafka.address(), folder.getFileName().toString(), LIMITS);
        BrokerProcess broker = launch.apply(rig.settings()).awaitServing(START)) {
      endInAllWays(rig);
      drain(rig);
      waitForWork(rig);
      serveSingleTasks(rig);
      broker.process().signal(ProcessSignal.TERM);
      int status = broker.process().awaitExit(END);
      if (status != 0) {
        throw new IllegalStateException(
            "the broker in training ended with " + status + ":\n" + broker.process().output());
      }
    }
  }

  private static void endInAllWays(Rig rig) {
    try (var _ = rig.startWorkers(rig.workers(16, 4), QUICK, RETRIED, FAILED)) {
      for (TaskKind kind : new TaskKind[] {QUICK, RETRIED, FAILED}) {
        rig.producer().produce(kind, OF_EACH);
      }
      rig.producer().flush();
      rig.awaitEnds(WORK);
    }
  }

  /** Takes a backlog in, and hands it out to very many workers. */
  private static void drain(Rig rig) {
    String group = rig.settings().group();
    String topic = rig.settings().topic();
    rig.producer().produce(QUICK, MANY);
    rig.producer().flush();
    Waiting.untilNothingLeft("the backlog is stored", WORK, () -> rig.topics().lag(group, topic));
    try (var _ = rig.startWorkers(rig.workers(64, 4), QUICK)) {
      rig.awaitEnds(WORK);
    }
  }

  /** Has workers wait for tasks that come. */
  private static void waitForWork(Rig rig) {
    try (var _ = rig.startWorkers(rig.workers(16, 4).waiting(POLL), QUICK)) {
      rig.producer().produce(QUICK, OF_EACH);
      rig.producer().flush();
      rig.awaitEnds(WORK);
    }
  }

  /** By workers that ask, and by workers that are attached. */
  private static void serveSingleTasks(Rig rig) {
    try (var _ = rig.startWorkers(rig.workers(2, 1).waiting(POLL), QUICK)) {
      oneByOne(rig);
    }
    var attached = AttachedSettings.at(rig.settings().grpcAddress(), 1, 4);
    try (var _ = AttachedWorkers.start(attached, List.of(QUICK), rig.ledger())) {
      oneByOne(rig);
    }
  }

  private static void oneByOne(Rig rig) {
    for (int i = 0; i < SINGLE; i++) {
      rig.producer().produce(QUICK, 1);
      rig.producer().flush();
      rig.awaitEnds(WORK);
    }
  }
}
