package io.taskbroker.inflight;

import io.taskbroker.domain.Partition;

/** What a {@link Fact} is about. Of two about the same the newer one counts. */
sealed interface Subject {
  /** What has become of a row: of its claim, or of its record in Kafka. */
  record OfRow(long key) implements Subject {}

  /** That a push of a row has failed; what becomes of its claim is another matter. */
  record PushOfRow(long key) implements Subject {}

  /** That a row is with no publisher any more; if its record is in Kafka all the same, so it is. */
  record ReturnOfRow(long key) implements Subject {}

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
