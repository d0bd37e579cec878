package io.taskbroker.domain.operator;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Status;
import java.util.Map;

/**
 * How many tasks of one kind are stored.
 *
 * @param byStatus leaves out a status that no task has
 */
public record TaskCount(TaskNames names, Map<Status, Integer> byStatus) {
  public TaskCount {
    byStatus = Ordered.copyOf(byStatus);
  }
}
