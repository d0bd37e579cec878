package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Activations for the engine's tests, which cannot use the test kit: that is built on this module.
 */
final class Tasks {
  static final Partition ORIGIN = new Partition("taskworker", 0);
  static final Moment NOW = new Moment(1_000_000_000, 60_000);

  private Tasks() {}

  static Activation task(String id) {
    return task(id, "shop", "orders", 0);
  }

  static Activation task(String id, String application, String namespace, long addedAtMs) {
    return build(id, application, namespace, addedAtMs, 0, null, null, Delivery.AT_LEAST_ONCE);
  }

  static Activation expiring(String id, long expiresAtMs) {
    return build(id, "shop", "orders", 0, 0, expiresAtMs, null, Delivery.AT_LEAST_ONCE);
  }

  static Activation delayed(String id, long untilMs) {
    return build(id, "shop", "orders", 0, 0, null, untilMs, Delivery.AT_LEAST_ONCE);
  }

  static Activation once(String id, long offset) {
    return build(id, "shop", "orders", 0, offset, null, null, Delivery.AT_MOST_ONCE);
  }

  static Activation build(
      String id,
      String application,
      String namespace,
      long addedAtMs,
      long offset,
      @Nullable Long expiresAtMs,
      @Nullable Long delayUntilMs,
      Delivery delivery) {
    return new Activation(
        id,
        application,
        namespace,
        "send_receipt",
        ORIGIN,
        offset,
        NOW.wallMs() - 1_000,
        addedAtMs,
        expiresAtMs,
        delayUntilMs,
        10,
        delivery,
        id.hashCode() % 2 == 0 ? OnAttemptsExceeded.DISCARD : OnAttemptsExceeded.DEAD_LETTER,
        100,
        null);
  }

  /** As they come in for the workers. */
  static List<Arrival> arriving(List<Activation> tasks) {
    return tasks.stream().map(one -> new Arrival(one, Route.WORKERS)).toList();
  }
}
