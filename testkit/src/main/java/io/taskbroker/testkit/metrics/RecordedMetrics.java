package io.taskbroker.testkit.metrics;

import io.taskbroker.application.broker.BrokerMetrics;
import io.taskbroker.application.dispatch.DispatchMetrics;
import io.taskbroker.application.intake.IntakeMetrics;
import io.taskbroker.application.rules.RulesMetrics;
import io.taskbroker.application.store.StoreMetrics;
import io.taskbroker.application.upkeep.OutboxMetrics;
import io.taskbroker.application.upkeep.UpkeepMetrics;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts what every metrics port is told, by the port's name and the method's, and remembers what
 * was said last. Safe for all threads.
 *
 * <pre>{@code
 * assertThat(metrics.count("DispatchMetrics.got")).isEqualTo(3);
 * }</pre>
 */
public final class RecordedMetrics {
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private final Map<String, List<?>> last = new ConcurrentHashMap<>();
  private final BrokerMetrics all =
      new BrokerMetrics(
          port(IntakeMetrics.class),
          port(DispatchMetrics.class),
          port(StoreMetrics.class),
          port(UpkeepMetrics.class),
          port(OutboxMetrics.class),
          port(RulesMetrics.class));

  /** The ports that a broker is given. */
  public BrokerMetrics all() {
    return all;
  }

  /** Any metrics port. */
  public <T> T port(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (self, method, said) -> record(port.getSimpleName(), self, method, said)));
  }

  private @Nullable Object record(
      String port, Object self, Method method, Object @Nullable [] said) {
    if (method.getDeclaringClass() == Object.class) {
      return switch (method.getName()) {
        case "equals" -> said != null && self == said[0];
        case "hashCode" -> System.identityHashCode(self);
        default -> "recorded " + port;
      };
    }
    String event = port + "." + method.getName();
    last.put(event, said == null ? List.of() : List.of(said));
    counts.merge(event, 1, Integer::sum);
    return null;
  }

  /**
   * How often something was told.
   *
   * @param event such as {@code DispatchMetrics.got}
   */
  public int count(String event) {
    return counts.getOrDefault(event, 0);
  }

  /** What was said the last time; empty if it was never told. */
  public List<?> last(String event) {
    return last.getOrDefault(event, List.of());
  }
}
