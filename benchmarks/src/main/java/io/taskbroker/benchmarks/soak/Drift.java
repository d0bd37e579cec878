package io.taskbroker.benchmarks.soak;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import java.util.List;

/**
 * The first third of what was noted after the warm-up, beside the last.
 *
 * @param first of as many windows as the last
 */
record Drift(List<Sample> first, List<Sample> last) {
  private static final int THIRDS = 3;

  /**
   * @param warmUp how many samples come before the first third
   * @throws IllegalArgumentException if fewer than three are left
   */
  static Drift of(List<Sample> samples, int warmUp) {
    int third = (samples.size() - warmUp) / THIRDS;
    if (third < 1) {
      throw new IllegalArgumentException(
          "%d samples, %d of them in the warm-up, have no thirds"
              .formatted(samples.size(), warmUp));
    }
    return new Drift(
        samples.subList(warmUp, warmUp + third),
        samples.subList(samples.size() - third, samples.size()));
  }

  /** Adds both thirds of each measure, and whether the last holds its bound. */
  void judge(Figures figures, Verdicts verdicts) {
    for (Measure measure : Measure.values()) {
      double before = measure.typical(first.stream().mapToDouble(sample -> sample.of(measure)));
      double after = measure.typical(last.stream().mapToDouble(sample -> sample.of(measure)));
      String name = "soak." + measure.label();
      if (Double.isNaN(before) || Double.isNaN(after)) {
        figures.remark(name + ": not known in one of the thirds, so not judged");
      } else {
        figures.add(name + ".first_third", before, measure.unit());
        measure.judge(verdicts, name + ".last_third", before, after);
      }
    }
  }
}
