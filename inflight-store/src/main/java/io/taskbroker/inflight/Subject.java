package io.taskbroker.inflight;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Partition;

/** What a {@link Fact} is about. Of two about the same the newer one counts. */
sealed interface Subject {
  /**
   * One thing that can happen to a row.
   *
   * @param claim token of the claim that it happened to, so that what is said of an old claim never
   *     counts for a newer one; 0 for a row that is with a publisher
   */
  record OfRow(Event event, long key, long claim) implements Subject {
    static OfRow of(Event event, Claim claim) {
      return new OfRow(event, claim.key(), claim.token());
    }
  }

  /** What can happen to a row outside. */
  enum Event {
    /** It took long until its claim could be answered. */
    HANDED_LATE,
    /** Its claim has reached nobody. */
    UNDELIVERED,
    /** An operator's rule ends it, and its claim has reached nobody. */
    KILLED,
    /** No worker can ever take it. */
    UNDELIVERABLE,
    /** A worker has accepted its push. */
    ACCEPTED,
    /** Its push has failed, and it is to blame. */
    PUSH_FAILED,
    /** Kafka has its record. */
    PUBLISHED,
    /** It is with no publisher any more. */
    RETURNED,
    /** It does not leave for a reason of its own. */
    REFUSED,
    /** Its payload cannot be read. */
    UNREADABLE,
    /** Nobody knows whether Kafka has its record. */
    UNCERTAIN,
    /** It has come, and Kafka has its record, or may have it. */
    IN_DOUBT
  }

  /** How far the group has got in a partition, and whose it is. */
  record OfPartition(Partition partition) implements Subject {}

  /** The store itself. */
  enum OfStore implements Subject {
    /** Something could not be written; whether it can be again. */
    ROOM,
    /** Rows that the acknowledged positions set free are yet to be settled. */
    SETTLING
  }
}
