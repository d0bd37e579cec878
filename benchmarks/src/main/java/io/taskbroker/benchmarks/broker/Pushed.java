package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Account;
import java.time.Duration;

/**
 * How workers that are called got through a backlog.
 *
 * @param took from the first task that one of them accepted
 * @param brokerCpu that the broker used meanwhile, in all its threads
 */
record Pushed(Account account, Duration took, Duration brokerCpu) {
  /**
   * @throws IllegalStateException if the broker lost or repeated a task
   */
  Pushed {
    if (account.open() > 0 || account.repeats() > 0) {
      throw new IllegalStateException("tasks were lost or repeated: " + account);
    }
  }

  double rate() {
    return account.produced() * 1e9 / took.toNanos();
  }

  void addCostTo(Figures figures, String name) {
    figures.add(
        name + ".cpu", brokerCpu.toNanos() / 1e3 / account.produced(), "us_of_broker_cpu/task");
  }
}
