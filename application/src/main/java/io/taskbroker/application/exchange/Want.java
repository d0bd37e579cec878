package io.taskbroker.application.exchange;

import io.taskbroker.domain.ClaimFilter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker would take now.
 *
 * @param filters a task that one of them lets through will do; at least one
 * @param tasks most of them; at least 1
 * @param bytes of payload together at most; exceeded only by a single task, which then comes alone
 * @param longestPause between two signs of life that the worker promises of each task; null if it
 *     promises none
 */
public record Want(
    List<ClaimFilter> filters, int tasks, long bytes, @Nullable Duration longestPause) {
  public Want {
    if (filters.isEmpty() || tasks < 1) {
      throw new IllegalArgumentException(
          "wanted are %d tasks by %d filters: at least one of each"
              .formatted(tasks, filters.size()));
    }
    filters = List.copyOf(filters);
  }
}
