package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Account;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How workers got through a backlog.
 *
 * @param brokerCpu that the broker used meanwhile, in all its threads
 * @param callMicros how long the workers' calls took
 * @param largestLog bytes of the store's write-ahead log
 */
public record Drained(
    Account account,
    Duration took,
    Duration brokerCpu,
    Histogram callMicros,
    long failedCalls,
    long largestLog) {
  /**
   * @throws IllegalStateException if the broker lost or repeated a task: then its speed is no merit
   */
  public Drained {
    if (account.open() > 0 || account.repeats() > 0) {
      throw new IllegalStateException("tasks were lost or repeated: " + account);
    }
  }

  public double rate() {
    return account.produced() * (double) TimeUnit.SECONDS.toNanos(1) / took.toNanos();
  }

  /** Of the broker, for a task. */
  double cpuMicros() {
    return brokerCpu.toNanos() / 1e3 / account.produced();
  }

  double p99Millis() {
    return callMicros.getValueAtPercentile(99) / 1e3;
  }

  public void addTo(Figures figures, String name) {
    figures.add(name + ".rate", rate(), "tasks/s");
    addCostTo(figures, name);
  }

  /** All but the rate. */
  void addCostTo(Figures figures, String name) {
    figures.add(name + ".cpu", cpuMicros(), "us_of_broker_cpu/task");
    figures.add(name + ".rpc.p50", callMicros.getValueAtPercentile(50) / 1e3, "ms");
    figures.add(name + ".rpc.p99", p99Millis(), "ms");
    figures.add(name + ".rpc.p99_9", callMicros.getValueAtPercentile(99.9) / 1e3, "ms");
    figures.add(name + ".rpc.max", callMicros.getMaxValue() / 1e3, "ms");
    figures.add(name + ".rpc.failed", (double) failedCalls, "calls");
    figures.add(name + ".log.largest", largestLog / 1e6, "MB");
  }
}
