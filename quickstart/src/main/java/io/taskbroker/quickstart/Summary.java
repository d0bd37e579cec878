package io.taskbroker.quickstart;

import io.taskbroker.proving.ledger.Account;
import io.taskbroker.proving.ledger.Latency;
import io.taskbroker.proving.ledger.Ledger;
import java.util.List;

/**
 * The demo in one line.
 *
 * @param complaints what must not have happened
 */
record Summary(Account account, Latency latency, List<String> complaints) {
  static Summary of(Ledger ledger) {
    return new Summary(ledger.account(), ledger.latency(), ledger.complaints());
  }

  /** Whether every task came to the end that it was made for. */
  boolean isGood() {
    return account.open() == 0 && account.unexplained() == 0 && complaints.isEmpty();
  }

  @Override
  public String toString() {
    return ("produced=%d completed=%d failed=%d retried=%d dead_lettered=%d lost=%d repeated=%d"
            + " kafka_to_worker_ms: %s")
        .formatted(
            account.produced(),
            account.completed(),
            account.discarded(),
            account.retried(),
            account.deadLettered(),
            account.open(),
            account.repeats(),
            latency);
  }
}
