package io.taskbroker.benchmarks.soak;

import io.taskbroker.benchmarks.Verdicts;
import java.util.stream.DoubleStream;

/**
 * What is noted of each window of a soak, and how far its value may move from the first third to
 * the last.
 */
enum Measure {
  /** Done by workers. */
  RATE("rate", "tasks/s", Typical.MEDIAN, Side.AT_LEAST, 0.95, 0),
  /**
   * In use after a collection of the window. Between two collections of everything it rises and
   * falls, so its lowest value counts.
   */
  HEAP("heap", "MB", Typical.LOWEST, Side.AT_MOST, 1.25, 16),
  RESIDENT("resident", "MB", Typical.MEDIAN, Side.AT_MOST, 1.1, 16),
  STORE("store", "MB", Typical.MEDIAN, Side.AT_MOST, 1.25, 16),
  WRITE_AHEAD_LOG("wal", "MB", Typical.MEDIAN, Side.AT_MOST, 1.25, 64),
  /** What the broker has written to its log so far. */
  LOG("log", "kB", Typical.MEDIAN, Side.AT_MOST, 1, 256),
  OPEN_FILES("open_files", "files", Typical.MEDIAN, Side.AT_MOST, 1, 8),
  THREADS("threads", "threads", Typical.MEDIAN, Side.AT_MOST, 1, 8),
  /** Records whose offset is not committed. */
  LAG("lag", "records", Typical.MEDIAN, Side.AT_MOST, 1.5, 5_000),
  /** Tasks that Kafka took and no worker has done. */
  BACKLOG("backlog", "tasks", Typical.MEDIAN, Side.AT_MOST, 1.5, 5_000),
  /** From the producer's send to a worker's hands, as all latencies here. */
  P50("p50", "ms", Typical.MEDIAN, Side.AT_MOST, 1.5, 1),
  P99("p99", "ms", Typical.MEDIAN, Side.AT_MOST, 1.5, 10),
  CPU("cpu", "us_of_broker_cpu/task", Typical.MEDIAN, Side.AT_MOST, 1.2, 2);

  /** What binary fractions add to a bound that is a whole number. */
  private static final double DUST = 1e-6;

  private final String label;
  private final String unit;
  private final Typical typical;
  private final Side side;
  private final double factor;
  private final double more;

  /** Which value stands for many windows. */
  private enum Typical {
    LOWEST,
    MEDIAN
  }

  /** Which side of its bound the last third must keep to. */
  private enum Side {
    AT_LEAST,
    AT_MOST
  }

  /**
   * @param factor of the first third's value, which makes the bound of the last third's
   * @param more added to that
   */
  Measure(String label, String unit, Typical typical, Side side, double factor, double more) {
    this.label = label;
    this.unit = unit;
    this.typical = typical;
    this.side = side;
    this.factor = factor;
    this.more = more;
  }

  /** As figures and columns are called. */
  String label() {
    return label;
  }

  String unit() {
    return unit;
  }

  /** The value that stands for these; NaN if there is none. */
  double typical(DoubleStream values) {
    double[] known = values.filter(value -> !Double.isNaN(value)).toArray();
    if (known.length == 0) {
      return Double.NaN;
    }
    return switch (typical) {
      case LOWEST -> DoubleStream.of(known).min().orElseThrow();
      case MEDIAN -> Verdicts.median(DoubleStream.of(known));
    };
  }

  /** Judges the last third by the first. The bound is rounded in favour of the broker. */
  void judge(Verdicts verdicts, String name, double first, double last) {
    double bound = first * factor + more;
    switch (side) {
      case AT_LEAST -> verdicts.atLeast(name, last, Math.floor(bound + DUST), unit);
      case AT_MOST -> verdicts.atMost(name, last, Math.ceil(bound - DUST), unit);
    }
  }
}
