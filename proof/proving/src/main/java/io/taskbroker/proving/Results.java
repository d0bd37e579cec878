package io.taskbroker.proving;

import io.taskbroker.proving.stage.Verdict.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How the scenarios of one run have ended. */
final class Results {
  /** Whether a run counts as good in which something was not played. */
  enum Skipped {
    PASSES,
    FAILS
  }

  private final Map<Outcome, List<String>> names = new EnumMap<>(Outcome.class);

  void add(String name, Outcome outcome) {
    names.computeIfAbsent(outcome, _ -> new ArrayList<>()).add(name);
  }

  private List<String> of(Outcome outcome) {
    return names.getOrDefault(outcome, List.of());
  }

  /** Whether everything was as promised, as far as it was played. */
  boolean areGood(Skipped skipped) {
    return of(Outcome.FELL).isEmpty()
        && (skipped == Skipped.PASSES || of(Outcome.SKIPPED).isEmpty());
  }

  /** A line for people, and one in the form that test runners close with. */
  String summary() {
    List<String> parts = new ArrayList<>();
    for (Outcome outcome : List.of(Outcome.HELD, Outcome.FELL, Outcome.SKIPPED)) {
      List<String> some = of(outcome);
      parts.add(outcome + ": " + (some.isEmpty() ? "none" : String.join(" ", some)));
    }
    return "%s%n%d passed, %d failed, %d skipped"
        .formatted(
            String.join("; ", parts),
            of(Outcome.HELD).size(),
            of(Outcome.FELL).size(),
            of(Outcome.SKIPPED).size());
  }
}
