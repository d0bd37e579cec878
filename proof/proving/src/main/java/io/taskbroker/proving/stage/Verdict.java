package io.taskbroker.proving.stage;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of one scenario, which of them are not as promised, and what was not played. */
public final class Verdict {
  /** What a scenario has shown. */
  public enum Outcome {
    /** All of it was played, and everything was as promised. */
    HELD,
    /** Nothing was seen that is not as promised, and some of it was not played. */
    SKIPPED,
    /** Something was not as promised. */
    FELL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final List<String> figures = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();

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

  /**
   * Says that a part cannot be played here. The scenario does not count as held then.
   *
   * @param part what is not played, in a word or two
   * @param reason what it needs that is not there
   */
  public Verdict skip(String part, String reason) {
    skipped.add(part + ": " + reason);
    return this;
  }

  public Outcome outcome() {
    if (!failures.isEmpty()) {
      return Outcome.FELL;
    }
    return skipped.isEmpty() ? Outcome.HELD : Outcome.SKIPPED;
  }

  /** What is not as promised, a line each. */
  public List<String> failures() {
    return failures;
  }

  /** What was not played and why, a line each. */
  public List<String> skipped() {
    return skipped;
  }

  /** All figures, and the outcome. */
  @Override
  public String toString() {
    return String.join(" ", figures) + (figures.isEmpty() ? "" : " ") + outcome();
  }
}
