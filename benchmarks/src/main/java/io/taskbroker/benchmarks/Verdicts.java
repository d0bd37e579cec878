package io.taskbroker.benchmarks;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** Adds figures that have a bound, and says of each at once whether it was held. */
public final class Verdicts {
  private final Figures figures;
  private int fallen;

  public Verdicts(Figures figures) {
    this.figures = figures;
  }

  public void atLeast(String name, double value, double bound, String unit) {
    add(name, value, unit, "at_least_", bound, value >= bound);
  }

  public void atMost(String name, double value, double bound, String unit) {
    add(name, value, unit, "at_most_", bound, value <= bound);
  }

  /** The unit says the bound and how it went, so that a figure stays one line of three words. */
  private void add(
      String name, double value, String unit, String word, double bound, boolean isHeld) {
    String limit = word + number(bound) + (isHeld ? ":held" : ":FELL");
    figures.add(name, value, unit + "," + limit);
    figures.remark("%s: %s %s, %s".formatted(name, Figures.rounded(value), unit, limit));
    fallen += isHeld ? 0 : 1;
  }

  private static String number(double bound) {
    return bound == Math.rint(bound)
        ? String.format(Locale.ROOT, "%.0f", bound)
        : Double.toString(bound);
  }

  /** How many bounds were not held. */
  public int fallen() {
    return fallen;
  }

  /** The middle one; of an even number the mean of the two in the middle. */
  public static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
