package io.taskbroker.bootstrap.config;

import java.util.ArrayList;
import java.util.List;

/** What there is to say about a configuration. */
final class Findings {
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<String> hints = new ArrayList<>();
  private final List<String> idle = new ArrayList<>();

  /** The configuration cannot be used. */
  void problem(String text) {
    problems.add(text);
  }

  /** It can be used, but somebody may have meant something else. */
  void warning(String text) {
    warnings.add(text);
  }

  /** Nothing is wrong; said to those who ask. */
  void hint(String text) {
    hints.add(text);
  }

  /** A key was written that changes nothing in this version. */
  void idle(String key) {
    idle.add(key);
  }

  List<String> problems() {
    return List.copyOf(problems);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  List<String> hints() {
    return List.copyOf(hints);
  }

  List<String> idle() {
    return List.copyOf(idle);
  }
}
