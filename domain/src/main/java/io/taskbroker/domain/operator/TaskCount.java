package io.taskbroker.domain.operator;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How many tasks of one kind are stored.
 *
 * @param byStatus leaves out a status that no task has
 * @param oldest for how long the pending one that was due first has been due, counted from the full
 *     second; empty if none is pending
 */
public record TaskCount(TaskNames names, Map<Status, Integer> byStatus, Optional<Duration> oldest) {
  public TaskCount {
    byStatus = Ordered.copyOf(byStatus);
  }
}
