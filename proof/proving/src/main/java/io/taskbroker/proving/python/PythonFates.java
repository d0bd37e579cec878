package io.taskbroker.proving.python;

import io.taskbroker.proving.python.Fate.Range;
import java.util.List;
import java.util.stream.Stream;

/**
 * What has to become of the tasks of {@code proving_app.py}, by the time at which they are sent.
 */
final class PythonFates {
  private static final Range NEVER = Range.exactly(0);
  private static final Range ONCE = Range.exactly(1);
  private static final Range TWICE = Range.exactly(2);
  private static final Range THREE_TIMES = Range.exactly(3);
  private static final Range AT_MOST_ONCE = new Range(0, 1);
  private static final Range AT_LEAST_ONCE = new Range(1, Integer.MAX_VALUE);

  /** Sent before there is a worker. */
  static final Fate EXPIRED =
      Fate.of("expired", 5, "no worker was there in time: never runs", NEVER, NEVER);

  /** Sent to workers that start. */
  static final Fate QUICK =
      Fate.of("quick", 200, "all types of arguments arrive: runs once", ONCE, ONCE);

  /** Sent to workers that run. */
  static final List<Fate> PECULIAR =
      List.of(
          Fate.of("zipped", 10, "zstd, and headers of its own: runs once", ONCE, ONCE),
          Fate.of("delayed", 5, "runs once, not before its time", ONCE, ONCE),
          Fate.of("retried", 20, "succeeds at the third try, a second apart", THREE_TIMES, ONCE)
              .retriedTimes(2),
          Fate.of("exhausted", 10, "asks for more tries than it has: dead letter", TWICE, NEVER)
              .retriedTimes(1)
              .thenDeadLetter(),
          Fate.of("failed", 20, "an error that is not to be retried: dead letter", ONCE, NEVER)
              .thenDeadLetter(),
          Fate.of("discarded", 20, "an error without a policy: gone", ONCE, NEVER),
          Fate.of("once", 100, "at most once: runs once", ONCE, ONCE),
          Fate.of("late", 3, "interrupted at its deadline: dead letter", ONCE, NEVER)
              .thenDeadLetter(),
          Fate.of("killed", 2, "its process dies: again after its deadline", TWICE, ONCE),
          Fate.of("once_killed", 2, "at most once, dies late: never again", ONCE, NEVER));

  /** Sent to workers that are killed, and to those that follow them. */
  static final List<Fate> RESTARTED =
      List.of(
          Fate.of("restarted", 200, "all workers die: none is lost", AT_LEAST_ONCE, AT_LEAST_ONCE),
          Fate.of(
              "restarted_once", 200, "at most once, all workers die", AT_MOST_ONCE, AT_MOST_ONCE));

  private PythonFates() {}

  static Stream<Fate> all() {
    return Stream.of(List.of(EXPIRED, QUICK), PECULIAR, RESTARTED).flatMap(List::stream);
  }
}
