package io.taskbroker.benchmarks.broker;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How many tasks come, and for how long, where they come at a steady rate. */
final class FlowOptions {
  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Tasks a second of the steady flow; ${DEFAULT-VALUE} by default.")
  int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long that is measured; ${DEFAULT-VALUE} by default.")
  private int seconds;

  Duration length() {
    return Duration.ofSeconds(seconds);
  }
}
