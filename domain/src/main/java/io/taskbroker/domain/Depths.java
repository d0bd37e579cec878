package io.taskbroker.domain;

/**
 * How many activations are where. Finished ones that merely wait for their offset's commit count
 * nowhere but in {@code finished}, those that are kept nowhere but in {@code kept}.
 *
 * @param pending due and with nobody, those included that wait for their commit (at most once)
 * @param delayed due within the hour
 * @param delayedFar due later than that
 * @param claimed taken for a push
 * @param demoted on the way to the topic of demoted namespaces; in {@code outbox}, too
 * @param processing with a worker
 * @param awaitingRetry to be published to the retry topic
 * @param failed discarded at the next sweep, or to be published to the dead-letter topic
 * @param kept failed and over; kept so that operators can look at them, and try them again
 * @param outbox all that has to leave through Kafka, bad records included, parked ones not
 * @param parked what Kafka will never take; tried again at the next start
 * @param uncommitted at-most-once activations that wait for the commit of their offset
 * @param finished kept only until Kafka cannot send their records again
 * @param unaskedPending of {@code pending}, those that count towards the store's size only, since
 *     nobody asked for their application when they came
 * @param unaskedDelayed the same of {@code delayed}
 * @param payloadBytes of all payloads
 * @param memoryBytes estimated heap that all of them take
 */
public record Depths(
    int pending,
    int delayed,
    int delayedFar,
    int claimed,
    int demoted,
    int processing,
    int awaitingRetry,
    int failed,
    int kept,
    int outbox,
    int parked,
    int uncommitted,
    int finished,
    int unaskedPending,
    int unaskedDelayed,
    long payloadBytes,
    long memoryBytes) {
  public static final Depths EMPTY = new Depths(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** All tasks that are not finished. Bad records are none; they count in {@code outbox}. */
  public int unfinished() {
    return pending + delayed + delayedFar + claimed + demoted + processing + awaitingRetry + failed;
  }
}
