package io.taskbroker.settings.reading;

import java.io.Serial;
import java.util.List;

/** The configuration cannot be used; says everything that is wrong with it at once. */
public final class InvalidConfigException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** What is wrong, each with its place and advice. Strings, as exceptions are serializable. */
  private final String[] problems;

  public InvalidConfigException(List<String> problems) {
    super(report(problems));
    this.problems = problems.toArray(String[]::new);
  }

  public InvalidConfigException(String problem) {
    this(List.of(problem));
  }

  public List<String> problems() {
    return List.of(problems);
  }

  private static String report(List<String> problems) {
    String count = problems.size() == 1 ? "1 problem" : problems.size() + " problems";
    return "configuration: " + count + "\n  - " + String.join("\n  - ", problems);
  }
}
