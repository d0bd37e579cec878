package io.taskbroker.settings;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where errors are reported to.
 *
 * @param environment null for Sentry's own default
 * @param tracesSampleRate from 0 to 1
 * @param tags of every report
 */
public record ReportSettings(
    String dsn, @Nullable String environment, double tracesSampleRate, Map<String, String> tags) {
  public ReportSettings {
    tags = Map.copyOf(tags);
  }

  /** Leaves out the key. */
  @Override
  public String toString() {
    return "ReportSettings[environment=" + environment + "]";
  }
}
