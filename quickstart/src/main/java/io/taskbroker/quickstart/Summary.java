package io.taskbroker.quickstart;

import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Latency;
import io.taskbroker.workload.ledger.Ledger;
import java.util.List;
import java.util.Locale;

/**
 * The demo in one line.
 *
 * @param open what tasks are that have not come to their end: lost, or merely left for the next run
 * @param complaints what must not have happened
 */
record Summary(Account account, Latency latency, Open open, List<String> complaints) {
  enum Open {
    LOST,
    LEFT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Summary of(Ledger ledger, Open open) {
    return new Summary(ledger.account(), ledger.latency(), open, ledger.complaints());
  }

  /** Whether every task came to the end that it was made for. */
  boolean isGood() {
    return account.open() == 0 && account.unexplained() == 0 && complaints.isEmpty();
  }

  @Override
  public String toString() {
    return ("produced=%d completed=%d failed=%d retried=%d dead_lettered=%d %s=%d repeated=%d"
            + " kafka_to_worker_ms: %s")
        .formatted(
            account.produced(),
            account.completed(),
            account.discarded(),
            account.retried(),
            account.deadLettered(),
            open,
            account.open(),
            account.repeats(),
            latency);
  }
}
