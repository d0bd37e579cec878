package io.taskbroker.workload.ledger;

import java.util.Map;

/**
 * The sums of a ledger.
 *
 * @param produced tasks that Kafka acknowledged
 * @param handedOut times that a worker was given an activation
 * @param completed tasks that a worker completed, of those meant to be
 * @param discarded tasks that a worker reported as failed, of those meant to be forgotten then
 * @param retried retries of all tasks that came to be, each counted once
 * @param retryRecords records seen on the retry topic, copies included; 0 if nobody looked
 * @param deadLettered tasks seen on the dead-letter topic
 * @param deadLetterRecords records seen there, copies included
 * @param open tasks of which none of these ends is known; lost, if nothing is under way any more
 * @param repeated hand-outs of an attempt that had been handed out before, by cause
 */
public record Account(
    long produced,
    long handedOut,
    long completed,
    long discarded,
    long retried,
    long retryRecords,
    long deadLettered,
    long deadLetterRecords,
    long open,
    Map<Repeat, Long> repeated) {
  public long repeats() {
    return repeated.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Repeated hand-outs that a broker must not cause. */
  public long unexplained() {
    return repeated.entrySet().stream()
        .filter(entry -> !entry.getKey().isExplained())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
