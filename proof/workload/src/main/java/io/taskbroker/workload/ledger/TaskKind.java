package io.taskbroker.workload.ledger;

import io.taskbroker.proto.v1.TaskActivationStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A sort of task: what its activations say, what a worker does with them, and so what must become
 * of each.
 *
 * @param taskname tells workers of which kind an activation is
 * @param work how long a worker is busy with it
 * @param retries how often a worker asks for a retry before the ending
 * @param delay null for none
 * @param expires null for never
 * @param deadline what a worker has
 * @param atMostOnce whether it must rather be lost than run twice
 */
public record TaskKind(
    String taskname,
    Duration work,
    int retries,
    Ending ending,
    @Nullable Duration delay,
    @Nullable Duration expires,
    Duration deadline,
    boolean atMostOnce) {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  public TaskKind {
    if (retries < 0) {
      throw new IllegalArgumentException("retries must not be negative, was " + retries);
    }
  }

  /** Done at once by whoever gets it. */
  public static TaskKind quick(String taskname) {
    return new TaskKind(taskname, Duration.ZERO, 0, Ending.COMPLETE, null, null, DEADLINE, false);
  }

  public TaskKind working(Duration time) {
    return new TaskKind(taskname, time, retries, ending, delay, expires, deadline, atMostOnce);
  }

  public TaskKind retrying(int times) {
    return new TaskKind(taskname, work, times, ending, delay, expires, deadline, atMostOnce);
  }

  public TaskKind ending(Ending how) {
    return new TaskKind(taskname, work, retries, how, delay, expires, deadline, atMostOnce);
  }

  public TaskKind delayed(Duration by) {
    return new TaskKind(taskname, work, retries, ending, by, expires, deadline, atMostOnce);
  }

  public TaskKind expiring(Duration after) {
    return new TaskKind(taskname, work, retries, ending, delay, after, deadline, atMostOnce);
  }

  public TaskKind within(Duration time) {
    return new TaskKind(taskname, work, retries, ending, delay, expires, time, atMostOnce);
  }

  public TaskKind onceAtMost() {
    return new TaskKind(taskname, work, retries, ending, delay, expires, deadline, true);
  }

  /** Whether what a worker reports of this attempt is its last word. */
  public boolean endsAt(int attempt) {
    return attempt >= retries;
  }

  /**
   * What a worker reports of an attempt.
   *
   * @param kind null for one that it does not know, and completes
   */
  public static TaskActivationStatus outcome(@Nullable TaskKind kind, int attempt) {
    if (kind == null) {
      return TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE;
    }
    if (!kind.endsAt(attempt)) {
      return TaskActivationStatus.TASK_ACTIVATION_STATUS_RETRY;
    }
    return switch (kind.ending()) {
      case COMPLETE -> TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE;
      case DISCARD, DEAD_LETTER -> TaskActivationStatus.TASK_ACTIVATION_STATUS_FAILURE;
    };
  }
}
