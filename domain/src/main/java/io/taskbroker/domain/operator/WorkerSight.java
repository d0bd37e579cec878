package io.taskbroker.domain.operator;

import io.taskbroker.domain.ClaimFilter;
import java.util.List;

/**
 * A worker that asks for tasks, as this process has seen it.
 *
 * @param worker who it is, such as {@code 10.0.0.5:41234}
 * @param asksFor what it asked for last: a task that one of these lets through would do; none if it
 *     has not asked
 * @param askedMs when it asked last, Unix milliseconds; 0 if it has not
 * @param reportedMs when it last said something of a task that it had, Unix milliseconds; 0 if it
 *     never has
 * @param holds how many tasks it has
 * @param holdsSinceMs when the one was handed out that it has had for longest, Unix milliseconds; 0
 *     if it has none
 */
public record WorkerSight(
    String worker,
    List<ClaimFilter> asksFor,
    long askedMs,
    long reportedMs,
    int holds,
    long holdsSinceMs) {
  /** More workers than this are remembered only while they have tasks. */
  public static final int MOST = 4_096;

  /** For how long a worker is remembered that has no task and does not call. */
  public static final long REMEMBERED_MS = 600_000;

  public WorkerSight {
    asksFor = List.copyOf(asksFor);
  }

  /** When it called last, for whatever, Unix milliseconds. */
  public long calledMs() {
    return Math.max(askedMs, reportedMs);
  }
}
