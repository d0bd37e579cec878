package io.taskbroker.testkit.metrics;

import io.taskbroker.application.broker.BrokerMetrics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/**
 * Remembers each event that a broker tells its metrics. Safe for all threads.
 *
 * <pre>{@code
 * assertThat(metrics.count(RulesEvent.Killed.class)).isEqualTo(3);
 * }</pre>
 */
public final class RecordedMetrics {
  private final Map<Class<?>, List<Object>> events = new ConcurrentHashMap<>();
  private final BrokerMetrics all =
      new BrokerMetrics(
          _ -> this::record,
          UnaryOperator.identity(),
          this::record,
          this::record,
          this::record,
          this::record,
          this::record);

  /** What the broker is given. */
  public BrokerMetrics all() {
    return all;
  }

  private void record(Object event) {
    events.computeIfAbsent(event.getClass(), _ -> new CopyOnWriteArrayList<>()).add(event);
  }

  /** How often an event of this type has happened. */
  public int count(Class<?> type) {
    return events.getOrDefault(type, List.of()).size();
  }

  /** The latest event of this type; empty if there was none. */
  public <T> Optional<T> last(Class<T> type) {
    List<Object> some = events.getOrDefault(type, List.of());
    return some.isEmpty() ? Optional.empty() : Optional.of(type.cast(some.getLast()));
  }
}
