package io.taskbroker.benchmarks.soak;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Samples of a run, one each 15 s. */
final class Samples {
  private static final int EVERY = 15;

  private Samples() {}

  /** Of one measure; all others stay at 100. */
  static List<Sample> of(Measure measure, double... values) {
    return IntStream.range(0, values.length)
        .mapToObj(window -> sample(window, measure, values[window]))
        .toList();
  }

  private static Sample sample(int window, Measure measure, double value) {
    Map<Measure, Double> all = new EnumMap<>(Measure.class);
    for (Measure each : Measure.values()) {
      all.put(each, 100.0);
    }
    all.put(measure, value);
    return new Sample(Duration.ofSeconds((window + 1L) * EVERY), all);
  }
}
