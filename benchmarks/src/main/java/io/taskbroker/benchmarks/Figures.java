package io.taskbroker.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a benchmark has to say: remarks while it runs, and at its end one line for each figure, as
 * {@code name value unit}.
 */
public final class Figures {
  private final PrintStream out;
  private final List<String> lines = new ArrayList<>();

  public Figures(PrintStream out) {
    this.out = out;
  }

  /** A remark, said at once. */
  public void remark(String text) {
    out.println(text);
    out.flush();
  }

  public void add(String name, double value, String unit) {
    lines.add(name + " " + rounded(value) + " " + unit);
  }

  /** Three digits say all that such a measurement knows; none before the point is dropped. */
  public static String rounded(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  /** Prints all figures, in the order in which they were added. */
  public void print() {
    out.println();
    lines.forEach(out::println);
    out.flush();
  }
}
