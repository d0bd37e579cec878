package io.taskbroker.inflight.engine;

import org.jspecify.annotations.Nullable;

/**
 * Deliveries of one activation that failed through its own fault, as far as this process knows.
 *
 * @param times at least 1
 * @param last what the last of them ended with, in 200 characters at most
 */
public record FailedDeliveries(int times, String last) {
  /** Whatever a worker says is kept in memory, so it is cut. */
  private static final int MOST_CHARACTERS = 200;

  /** One more than {@code before}, which is null if there was none. */
  public static FailedDeliveries after(@Nullable FailedDeliveries before, String reason) {
    return new FailedDeliveries(
        before == null ? 1 : before.times() + 1,
        reason.substring(0, Math.min(reason.length(), MOST_CHARACTERS)));
  }

  /** What the last of them ended with; null if there was none. */
  public static @Nullable String lastOf(@Nullable FailedDeliveries failed) {
    return failed == null ? null : failed.last();
  }

  /** Why it is not to be delivered any more; null while it may be. */
  public static @Nullable String objection(@Nullable FailedDeliveries failed, int maxAttempts) {
    return failed == null || failed.times() < maxAttempts
        ? null
        : "%d deliveries of it have failed, the last with: %s"
            .formatted(failed.times(), failed.last());
  }
}
