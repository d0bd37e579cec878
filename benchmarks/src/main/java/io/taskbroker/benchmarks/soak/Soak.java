package io.taskbroker.benchmarks.soak;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import io.taskbroker.benchmarks.broker.BrokerUnderTest;
import io.taskbroker.benchmarks.broker.SteadyFlow;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A steady load in windows of the same length. A sample is read between two of them, while nothing
 * is produced for some milliseconds.
 *
 * @param rate tasks a second
 * @param largeEach one task in so many is large; 0 for none
 * @param windows how many
 * @param seconds of each window
 */
record Soak(int rate, int largeEach, int windows, int seconds) {
  /** Of the rate asked for; with less, another load was measured than the one that is said. */
  private static final double LEAST_SHARE = 0.95;

  private static final Duration LAST_ONES = Duration.ofMinutes(2);

  /**
   * Returns what was noted of each window, once all tasks are done.
   *
   * @param file takes each sample as soon as it is read
   */
  List<Sample> run(
      BrokerUnderTest broker,
      WorkerSettings pool,
      CollectorLog collector,
      SampleFile file,
      Figures figures,
      Verdicts verdicts) {
    var ledger = new Ledger();
    List<Sample> samples = new ArrayList<>();
    try (var _ = broker.startWorkers(pool, ledger);
        var mix = new Mix(broker, ledger, largeEach)) {
      var gauges = new Gauges(broker, ledger, collector);
      long each = (long) rate * seconds;
      for (int window = 0; window < windows; window++) {
        long before = window * each;
        SteadyFlow.produce(each, rate, number -> mix.produce(before + number));
        Sample sample = gauges.read();
        file.add(sample);
        figures.remark(sample.described());
        samples.add(sample);
        ledger.settle(); // or else an hour's tasks would be kept
      }
      mix.flush();
      Waiting.until("all tasks are done", LAST_ONES, () -> ledger.unfinished() == 0);
    }
    report(ledger, figures, verdicts);
    double done =
        samples.stream().mapToDouble(sample -> sample.of(Measure.RATE)).average().orElse(0);
    verdicts.atLeast("soak.rate.mean", done, Math.floor(LEAST_SHARE * rate), "tasks/s");
    return samples;
  }

  /** A task that came again after it was settled is a stranger to the ledger. */
  private static void report(Ledger ledger, Figures figures, Verdicts verdicts) {
    Account account = ledger.account();
    figures.add("soak.tasks", (double) account.completed(), "tasks");
    SteadyFlow.report(figures, "soak.latency", ledger.latencyMicros());
    verdicts.atMost("soak.lost", (double) account.open(), 0, "tasks");
    double repeats = (double) account.repeats() + ledger.strangers();
    verdicts.atMost("soak.repeated", repeats, 0, "hand-outs");
  }
}
