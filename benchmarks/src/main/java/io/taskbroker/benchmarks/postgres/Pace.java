package io.taskbroker.benchmarks.postgres;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * How fast work was done, and what it cost the server.
 *
 * @param done lifecycles, or transactions
 * @param serverCpu of all processes of the server meanwhile
 * @param claimMicros how long claims took; empty where none were made
 */
record Pace(long done, Duration took, Duration serverCpu, Histogram claimMicros) {
  double rate() {
    return done * 1e9 / took.toNanos();
  }

  /** Of the server, for one. */
  double cpuMicros() {
    return serverCpu.toNanos() / 1e3 / done;
  }

  private double millis(double percentile) {
    return claimMicros.getValueAtPercentile(percentile) / 1e3;
  }

  double p50() {
    return millis(50);
  }

  double p99() {
    return millis(99);
  }

  /** Measures how loads do together, after a time that does not count. */
  static Pace of(List<Load> loads, ServerCpu cpu, Duration before, Duration measured) {
    loads.forEach(Load::begin);
    try {
      Load.pass(before);
      loads.forEach(load -> load.tally().takeClaimMicros());
      long doneBefore = done(loads);
      Duration cpuBefore = cpu.used();
      long start = System.nanoTime();
      Load.pass(measured);
      long done = done(loads) - doneBefore;
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      Duration used = cpu.used().minus(cpuBefore);
      Histogram claims = new Histogram(3);
      loads.forEach(load -> claims.add(load.tally().takeClaimMicros()));
      return new Pace(done, took, used, claims);
    } finally {
      loads.forEach(Load::end);
    }
  }

  private static long done(List<Load> loads) {
    return loads.stream().mapToLong(load -> load.tally().done()).sum();
  }

  /** Adds the medians of several measurements. */
  static void addTo(Figures figures, String name, List<Pace> paces) {
    figures.add(name + ".rate", Verdicts.median(paces.stream().mapToDouble(Pace::rate)), "tasks/s");
    figures.add(
        name + ".server_cpu",
        Verdicts.median(paces.stream().mapToDouble(Pace::cpuMicros)),
        "us_of_server_cpu/task");
    figures.add(name + ".claim.p50", Verdicts.median(paces.stream().mapToDouble(Pace::p50)), "ms");
    figures.add(name + ".claim.p99", Verdicts.median(paces.stream().mapToDouble(Pace::p99)), "ms");
  }

  @Override
  public String toString() {
    String claims =
        claimMicros.getTotalCount() == 0
            ? ""
            : String.format(Locale.ROOT, ", claims %.2f / %.2f ms (p50 / p99)", p50(), p99());
    return String.format(
        Locale.ROOT, "%,.0f/s, server CPU %.1f us each%s", rate(), cpuMicros(), claims);
  }
}
