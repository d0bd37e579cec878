package io.taskbroker.bootstrap.operator;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether what a producer wrote is shown as it is, and why somebody wants to see it. */
final class Unmasking {
  /** For {@link Facts#printContents}. */
  static final String OPTION = "--arguments";

  @Option(
      names = OPTION,
      description = "Show the values of arguments and headers. That is written to the audit.")
  private boolean arguments;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for the audit; with --arguments.")
  private @Nullable String reason;

  boolean isWanted() {
    return arguments;
  }

  /** What is said of the one whose values are to be shown. */
  Map<String, Object> order(String name, Object value) {
    return reason == null ? Map.of(name, value) : Map.of(name, value, "reason", reason);
  }
}
