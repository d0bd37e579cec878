package io.taskbroker.settings;

import java.util.List;

/**
 * Tasks of the broker's own, stored at its start.
 *
 * @param applications of which each gets them, in order
 * @param each how many; 0 for none
 */
public record CanaryConfig(List<String> applications, long each) {
  public CanaryConfig {
    applications = List.copyOf(applications);
  }
}
