package io.taskbroker.workload.ledger;

import java.util.List;

/**
 * A hand-out of an attempt that had been handed out before.
 *
 * @param handouts of that attempt, in the order in which workers got them; this one is the last
 * @param cause as one broker, or several without a common store, would have it
 * @param records of the activation that Kafka holds, as far as the topic of retries was read
 * @param course for people
 */
public record Repetition(List<Handout> handouts, Repeat cause, int records, String course) {
  public Repetition {
    handouts = List.copyOf(handouts);
  }

  /** The one that repeats the others. */
  public Handout again() {
    return handouts.getLast();
  }

  /** Those before it; at least one. */
  public List<Handout> earlier() {
    return handouts.subList(0, handouts.size() - 1);
  }
}
