package io.taskbroker.adapters.metrics;

import java.time.Duration;
import java.util.Map;

/**
 * Where metrics go.
 *
 * @param statsdHost a name or address; a name that cannot be resolved is tried again
 * @param everywhere tags of every metric
 * @param samplerInterval how often the JVM is measured
 */
public record MetricsSettings(
    String statsdHost, int statsdPort, Map<String, String> everywhere, Duration samplerInterval) {
  public MetricsSettings {
    everywhere = Map.copyOf(everywhere);
    if (!samplerInterval.isPositive()) {
      throw new IllegalArgumentException(
          "samplerInterval must be positive, was " + samplerInterval);
    }
  }
}
