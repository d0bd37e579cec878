package io.taskbroker.workload;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/** Some of all that a broker does, so that its JVM can keep what it learns for later starts. */
public final class Training {
  private static final int OF_EACH = 2_000;
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
    try (Rig rig = Rig.of(folder, kafka.address(), folder.getFileName().toString(), Map.of());
        BrokerProcess broker = launch.apply(rig.settings()).awaitServing(START)) {
      try (var _ = rig.startWorkers(rig.workers(16, 4), QUICK, RETRIED, FAILED)) {
        for (TaskKind kind : new TaskKind[] {QUICK, RETRIED, FAILED}) {
          rig.producer().produce(kind, OF_EACH);
        }
        rig.producer().flush();
        rig.awaitEnds(WORK);
      }
      broker.process().signal(ProcessSignal.TERM);
      int status = broker.process().awaitExit(END);
      if (status != 0) {
        throw new IllegalStateException(
            "the broker in training ended with " + status + ":\n" + broker.process().output());
      }
    }
  }
}
