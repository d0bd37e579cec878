package io.taskbroker.application.operations;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.StoredTask;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Says what became of the last hand-out of a task, and which order has ended it. Safe for any
 * number of threads.
 */
public final class LastHandOut {
  private final Operations operations;
  private final TimeSource time;
  private final Moment deadlinesCountFrom;

  /**
   * @param deadlinesCountFrom until then no deadline is judged
   */
  public LastHandOut(Operations operations, TimeSource time, Moment deadlinesCountFrom) {
    this.operations = operations;
    this.time = time;
    this.deadlinesCountFrom = deadlinesCountFrom;
  }

  /** By when a worker must report; for example {@code must report by 2026-03-02T12:00:25Z}. */
  String deadline(Moment deadline) {
    Moment now = time.now();
    if (deadline.wallMs() > now.wallMs()) {
      return "must report by " + at(deadline.wallMs());
    }
    String missed = "had to report by " + at(deadline.wallMs());
    return deadlinesCountFrom.isBefore(now)
        ? missed + "; the task is taken back in a moment"
        : "%s. No deadline counts until %s, so that workers can report what they did before the broker started"
            .formatted(missed, at(deadlinesCountFrom.wallMs()));
  }

  /** How a task that waits has come back from a worker; empty if none had it in this process. */
  Optional<String> comeBack(StoredTask task) {
    long handedOutMs = task.handedOutMs();
    if (handedOutMs == 0) {
      return Optional.empty();
    }
    long deadlineMs = handedOutMs + task.activation().processingDeadlineSec() * 1_000L;
    boolean hasMissed = task.attempts() > 0 && deadlineMs <= time.now().wallMs();
    return Optional.of(
        order(task, handedOutMs)
            .orElseGet(
                () ->
                    "a worker got it at %s, and %s"
                        .formatted(
                            at(handedOutMs),
                            hasMissed ? "missed its deadline" : "it has come back")));
  }

  /** The last order about this task alone that has put it back since then. */
  private Optional<String> order(StoredTask task, long sinceMs) {
    return operations.audit().stream()
        .takeWhile(entry -> entry.atMs() >= sinceMs)
        .flatMap(entry -> Operations.putBack(entry, task.activation().id()).stream())
        .findFirst();
  }

  /** Who has ended this task by an order, and why; empty if nobody has, or that is forgotten. */
  Optional<String> endedBy(EndedTask task) {
    return operations.ordersAbout(task.key()).stream()
        .findFirst()
        .flatMap(
            entry -> {
              String reason = Explanations.saying(entry.reason());
              return Stream.of(Act.CANCEL, Act.COMPLETE)
                  .filter(act -> entry.order().startsWith(Operations.words(act)))
                  .findFirst()
                  .map(
                      act ->
                          "%s has %s it%s"
                              .formatted(
                                  entry.actor(),
                                  act == Act.CANCEL ? "cancelled" : "ended",
                                  reason));
            });
  }

  static String at(long ms) {
    return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
