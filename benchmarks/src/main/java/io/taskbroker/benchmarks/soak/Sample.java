package io.taskbroker.benchmarks.soak;

import io.taskbroker.benchmarks.Figures;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was noted at the end of one window.
 *
 * @param at since the soak began
 * @param values of all measures; NaN for what is not known
 */
record Sample(Duration at, Map<Measure, Double> values) {
  Sample {
    values = new EnumMap<>(values);
  }

  double of(Measure measure) {
    return values.getOrDefault(measure, Double.NaN);
  }

  /** For people, in one line. */
  String described() {
    return Stream.of(Measure.values())
        .map(measure -> measure.label() + " " + Figures.rounded(of(measure)))
        .collect(Collectors.joining(", ", at.toSeconds() + " s: ", ""));
  }
}
