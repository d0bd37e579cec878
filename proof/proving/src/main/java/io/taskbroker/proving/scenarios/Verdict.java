package io.taskbroker.proving.scenarios;

import java.util.ArrayList;
import java.util.List;

/** The figures of one scenario, and which of them are not as promised. */
public final class Verdict {
  private final List<String> figures = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /** Shows a figure of which nothing is promised. */
  public Verdict show(String name, Object value) {
    figures.add(name + "=" + value);
    return this;
  }

  public Verdict expect(String name, long expected, long actual) {
    if (expected != actual) {
      failures.add(name + " should be " + expected + ", is " + actual);
    }
    return show(name, actual);
  }

  public Verdict atMost(String name, long limit, long actual) {
    if (actual > limit) {
      failures.add(name + " should be at most " + limit + ", is " + actual);
    }
    return show(name, actual);
  }

  public Verdict atLeast(String name, long limit, long actual) {
    if (actual < limit) {
      failures.add(name + " should be at least " + limit + ", is " + actual);
    }
    return show(name, actual);
  }

  /** Each of them says what must not have happened. */
  public Verdict expectNone(String name, List<String> complaints) {
    failures.addAll(complaints);
    return show(name, complaints.size());
  }

  public boolean held() {
    return failures.isEmpty();
  }

  /** What is not as promised, a line each. */
  public List<String> failures() {
    return failures;
  }

  /** All figures, and whether it held. */
  @Override
  public String toString() {
    return String.join(" ", figures) + (held() ? " held" : " FAILED");
  }
}
