package io.taskbroker.workload.ledger;

import java.util.EnumMap;
import java.util.Map;

/** Counts while stories are gone through; becomes an {@link Account}. */
final class StoryCounts {
  long produced;
  long handedOut;
  long completed;
  long discarded;
  long retried;
  long retryRecords;
  long deadLettered;
  long deadLetterRecords;
  long open;
  final Map<Repeat, Long> repeated = new EnumMap<>(Repeat.class);

  /** Adds what another counted. */
  void add(StoryCounts other) {
    produced += other.produced;
    handedOut += other.handedOut;
    completed += other.completed;
    discarded += other.discarded;
    retried += other.retried;
    retryRecords += other.retryRecords;
    deadLettered += other.deadLettered;
    deadLetterRecords += other.deadLetterRecords;
    open += other.open;
    other.repeated.forEach((cause, count) -> repeated.merge(cause, count, Long::sum));
  }

  Account account() {
    return new Account(
        produced,
        handedOut,
        completed,
        discarded,
        retried,
        retryRecords,
        deadLettered,
        deadLetterRecords,
        open,
        Map.copyOf(repeated));
  }
}
