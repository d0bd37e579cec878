package io.taskbroker.application.exchange;

import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.attempt.Attempt;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker says of itself when it comes.
 *
 * @param filters which tasks it will take: those that one of them lets through
 * @param maxTaskBytes largest payload that it can take
 * @param longestPause between two signs of life that it promises of each task; null if it promises
 *     none
 * @param held attempts that it believes to have; at most {@link Exchange#MOST_NEWS}
 */
public record Greeting(
    List<ClaimFilter> filters,
    long maxTaskBytes,
    @Nullable Duration longestPause,
    List<Attempt> held) {
  public Greeting {
    filters = List.copyOf(filters);
    held = List.copyOf(held);
  }
}
