package io.taskbroker.proving.shared;

import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Produces tasks of every kind at an even pace, on a thread of its own. */
final class SteadyLoad implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final Duration BETWEEN = Duration.ofMillis(50);

  static final TaskKind PLAIN = kind("shared.plain", 20);
  static final TaskKind SLOW = kind("shared.slow", 1_000);
  static final TaskKind RETRIED = kind("shared.retried", 20).retrying(1);
  static final TaskKind KEPT = kind("shared.kept", 20).ending(Ending.DEAD_LETTER);
  static final TaskKind ONCE = kind("shared.once", 20).onceAtMost();

  static final TaskKind[] KINDS = {PLAIN, SLOW, RETRIED, KEPT, ONCE};

  /** Those that must end, whatever happens. */
  static final List<TaskKind> MUST_END = List.of(PLAIN, SLOW, RETRIED, KEPT);

  /** One task in so many is of each kind that is not plain. */
  static final int SHARE = 10;

  private final ActivationProducer producer;
  private final int perSecond;
  private final int most;
  private final Thread thread;
  private final long startNanos = System.nanoTime();
  private int produced;
  private volatile boolean closing;
  private volatile @Nullable RuntimeException failure;

  private SteadyLoad(ActivationProducer producer, int perSecond, int most) {
    this.producer = producer;
    this.perSecond = perSecond;
    this.most = most;
    this.thread = Thread.ofPlatform().daemon().name("steady-load").unstarted(this::run);
  }

  /**
   * @param most tasks in all
   */
  static SteadyLoad start(ActivationProducer producer, int perSecond, int most) {
    var load = new SteadyLoad(producer, perSecond, most);
    load.thread.start();
    return load;
  }

  private static TaskKind kind(String taskname, long workMs) {
    return TaskKind.quick(taskname).working(Duration.ofMillis(workMs)).within(DEADLINE);
  }

  static TaskKind kindOf(int number) {
    return switch (number % SHARE) {
      case 0 -> RETRIED;
      case 1 -> KEPT;
      case 2 -> ONCE;
      case 3 -> SLOW;
      default -> PLAIN;
    };
  }

  private void run() {
    try {
      while (!closing && produced < most) {
        long due = Duration.ofNanos(System.nanoTime() - startNanos).toMillis() * perSecond / 1_000;
        produceUpTo((int) Math.min(most, due));
        Waiting.pause(BETWEEN);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void produceUpTo(int number) {
    while (produced < number) {
      producer.produce(kindOf(produced));
      produced++;
    }
  }

  /** Ends it, with all that is left at once; returns how many tasks there were. */
  int finish() {
    close();
    produceUpTo(most);
    producer.flush();
    return produced;
  }

  /** Ends it as it stands. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new IllegalStateException("tasks were not produced", failure);
    }
  }
}
