package io.taskbroker.adapters.kafka;

import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Tells for how long Kafka has said nothing to a client.
 *
 * <p>A poll that returns nothing looks the same whether there is nothing or nobody. But a living
 * Kafka answers fetches within half a second and heartbeats within a third of the session timeout,
 * so the count of bytes received stands still only without it.
 */
final class Pulse {
  private final Metric received;
  private double last;
  private Moment since;

  /**
   * @param metrics of a consumer
   */
  Pulse(Map<MetricName, ? extends Metric> metrics, Moment now) {
    this.received =
        metrics.values().stream()
            .filter(metric -> metric.metricName().group().equals("consumer-metrics"))
            .filter(metric -> metric.metricName().name().equals("incoming-byte-total"))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("the client does not count its bytes"));
    this.since = now;
  }

  /** For how long nothing has been received, as far as earlier calls can tell. */
  Duration silence(Moment now) {
    double bytes = received.metricValue() instanceof Double count ? count : 0;
    if (bytes != last) {
      last = bytes;
      since = now;
    }
    return now.since(since);
  }
}
