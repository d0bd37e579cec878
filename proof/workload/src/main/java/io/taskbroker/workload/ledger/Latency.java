package io.taskbroker.workload.ledger;

import org.HdrHistogram.Histogram;

/** What a histogram of microseconds comes down to, in milliseconds. */
public record Latency(double p50, double p90, double p99, double max) {
  private static final double MICROS = 1000;

  public static Latency of(Histogram micros) {
    return new Latency(
        micros.getValueAtPercentile(50) / MICROS,
        micros.getValueAtPercentile(90) / MICROS,
        micros.getValueAtPercentile(99) / MICROS,
        micros.getMaxValue() / MICROS);
  }

  @Override
  public String toString() {
    return "p50=%.1f p90=%.1f p99=%.1f max=%.1f".formatted(p50, p90, p99, max);
  }
}
