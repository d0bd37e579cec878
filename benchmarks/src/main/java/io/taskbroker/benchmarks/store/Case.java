package io.taskbroker.benchmarks.store;

import java.util.List;

/**
 * One thing to measure.
 *
 * @param benchmark a method of {@link StoreBenchmarks}
 * @param payload bytes
 * @param backlog rows that wait in the store meanwhile
 */
record Case(String benchmark, int payload, int backlog, int callers) {
  /** What is meant where a figure is named without conditions. */
  static final Case USUAL = new Case("lifecycle", 1024, 1_000, 64);

  /** Every benchmark under the same conditions. */
  static List<Case> each(int payload, int backlog, int callers) {
    return List.of(
        new Case("lifecycle", payload, backlog, callers),
        new Case("add", payload, backlog, 1),
        new Case("claim", payload, backlog, callers),
        new Case("conclude", payload, backlog, callers));
  }

  /** What its figures' names begin with; the usual conditions are left out. */
  String figure() {
    StringBuilder name = new StringBuilder("store.").append(benchmark);
    if (payload != USUAL.payload) {
      name.append(".payload-").append(payload);
    }
    if (backlog != USUAL.backlog) {
      name.append(".backlog-").append(backlog);
    }
    if (callers != USUAL.callers && !benchmark.equals("add")) {
      name.append(".callers-").append(callers);
    }
    return name.toString();
  }
}
