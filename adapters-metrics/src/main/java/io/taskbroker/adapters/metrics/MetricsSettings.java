package io.taskbroker.adapters.metrics;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where metrics go.
 *
 * @param agent who gets them as DogStatsD; empty for nobody
 * @param everywhere tags of every metric
 * @param samplerInterval how often the JVM is measured
 */
public record MetricsSettings(
    Optional<Agent> agent, Map<String, String> everywhere, Duration samplerInterval) {
  /** Of all {@link #everywhere} together, so that each line fits into a datagram. */
  public static final int MOST_TAG_BYTES = 500;

  /**
   * A StatsD agent.
   *
   * @param host a name or address; a name that cannot be resolved is tried again
   */
  public record Agent(String host, int port) {}

  public MetricsSettings {
    everywhere = Map.copyOf(everywhere);
    if (!samplerInterval.isPositive()) {
      throw new IllegalArgumentException(
          "samplerInterval must be positive, was " + samplerInterval);
    }
    if (!areUsable(everywhere)) {
      throw new IllegalArgumentException("Prometheus does not take the tags " + everywhere);
    }
    if (!fit(everywhere)) {
      throw new IllegalArgumentException(
          "tags of every metric must have at most " + MOST_TAG_BYTES + " bytes together");
    }
  }

  /** Whether no tag has a name that Prometheus keeps for itself. */
  public static boolean areUsable(Map<String, String> tags) {
    return tags.keySet().stream()
        .map(PrometheusPage::labelOf)
        .noneMatch(label -> label.startsWith("__") || label.equals("le"));
  }

  /** Whether the tags leave enough room for the rest of a line of DogStatsD. */
  public static boolean fit(Map<String, String> tags) {
    int bytes = 0;
    for (String tag : new Tags(tags).forStatsd()) {
      bytes += tag.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    return bytes <= MOST_TAG_BYTES;
  }
}
