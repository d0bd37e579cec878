package io.taskbroker.proving.chaos;

import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Produces tasks of all kinds, so many a second, whatever Kafka does. */
final class Load implements Runnable {
  private static final Duration DEADLINE = Duration.ofSeconds(3);
  private static final Duration TICK = Duration.ofMillis(20);
  private static final long TICKS_A_SECOND = TimeUnit.SECONDS.toMillis(1) / TICK.toMillis();

  private static final TaskKind PLAIN = kind("chaos.plain");
  private static final TaskKind SLOW = kind("chaos.slow").working(Duration.ofMillis(50));
  private static final TaskKind RETRIED = kind("chaos.retried").retrying(1);
  private static final TaskKind KEPT = kind("chaos.kept").ending(Ending.DEAD_LETTER);
  private static final TaskKind DELAYED = kind("chaos.delayed").delayed(Duration.ofSeconds(3));
  private static final TaskKind ONCE = kind("chaos.once").onceAtMost();
  private static final TaskKind ONCE_RETRIED = kind("chaos.once_retried").retrying(1).onceAtMost();

  /** A failure of it is a dead letter, whoever fails it: its worker, or the broker in doubt. */
  private static final TaskKind ONCE_KEPT =
      kind("chaos.once_kept").ending(Ending.DEAD_LETTER).onceAtMost();

  /** A kind that comes more often stands here more often. */
  private static final List<TaskKind> MIX =
      List.of(
          PLAIN,
          PLAIN,
          PLAIN,
          PLAIN,
          PLAIN,
          PLAIN,
          PLAIN,
          PLAIN,
          SLOW,
          SLOW,
          RETRIED,
          RETRIED,
          KEPT,
          KEPT,
          DELAYED,
          ONCE,
          ONCE,
          ONCE,
          ONCE_RETRIED,
          ONCE_KEPT);

  /** Of these an end must be seen. All others may fail in doubt, and nobody sees that. */
  static final List<TaskKind> ENDING = List.of(PLAIN, SLOW, RETRIED, KEPT, DELAYED, ONCE_KEPT);

  static final List<TaskKind> IN_DOUBT = List.of(ONCE, ONCE_RETRIED);

  static final List<TaskKind> KINDS = Stream.concat(ENDING.stream(), IN_DOUBT.stream()).toList();

  private final ActivationProducer producer;
  private final Random random;
  private final long rate;
  private volatile boolean ended;

  /**
   * @param rate tasks a second
   */
  Load(ActivationProducer producer, long seed, long rate) {
    this.producer = producer;
    this.random = new Random(seed);
    this.rate = rate;
  }

  private static TaskKind kind(String taskname) {
    return TaskKind.quick(taskname).within(DEADLINE);
  }

  @Override
  public void run() {
    long owed = 0;
    while (!ended) {
      owed += rate;
      for (; owed >= TICKS_A_SECOND; owed -= TICKS_A_SECOND) {
        producer.produce(MIX.get(random.nextInt(MIX.size())));
      }
      Waiting.pause(TICK);
    }
  }

  void end() {
    ended = true;
  }
}
