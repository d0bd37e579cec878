package io.taskbroker.settings.reading;

import java.util.ArrayList;
import java.util.List;

/** What there is to say about a configuration. */
public final class Findings {
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<String> hints = new ArrayList<>();
  private final List<String> idle = new ArrayList<>();

  /** The configuration cannot be used. */
  public void problem(String text) {
    problems.add(text);
  }

  /** It can be used, but somebody may have meant something else. */
  public void warning(String text) {
    warnings.add(text);
  }

  /** Nothing is wrong; said to those who ask. */
  public void hint(String text) {
    hints.add(text);
  }

  /** A key was written that changes nothing in this version. */
  public void idle(String key) {
    idle.add(key);
  }

  public List<String> problems() {
    return List.copyOf(problems);
  }

  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  public List<String> hints() {
    return List.copyOf(hints);
  }

  public List<String> idle() {
    return List.copyOf(idle);
  }
}
