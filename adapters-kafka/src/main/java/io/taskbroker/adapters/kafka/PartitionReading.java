package io.taskbroker.adapters.kafka;

/**
 * How far this broker has read a partition of its share.
 *
 * @param position offset of the record that is read next; -1 where it is not known yet
 * @param isPaused whether this broker does not ask Kafka for more of it now
 * @param waitingBytes what Kafka has sent of it, packed, and was not read yet
 */
record PartitionReading(long position, boolean isPaused, long waitingBytes) {
  /** Whether records of it would come if Kafka had some. */
  boolean isAskedFor() {
    return !isPaused && waitingBytes == 0;
  }
}
