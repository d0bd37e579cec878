package io.taskbroker.adapters.kafka;

/** What Kafka says of one partition when it is asked beside the reading. */
sealed interface PartitionAnswer {
  /** No node of the cluster leads it: it can be neither read nor written. */
  record NoLeader() implements PartitionAnswer {}

  /**
   * The cluster names a leader, which did not say where the partition ends.
   *
   * @param leader for people: number and address
   */
  record NoEnd(String leader) implements PartitionAnswer {}

  /**
   * The leader has answered.
   *
   * @param leader for people: number and address
   * @param end offset up to which it can be read: no transaction is open before
   */
  record End(String leader, long end) implements PartitionAnswer {}

  /**
   * The leader has answered, but leaves out what it has at the position, whoever asks: it takes a
   * batch whose length is damaged for the end of its file.
   *
   * @param leader for people: number and address
   * @param end offset up to which there are records
   */
  record LeftOut(String leader, long end) implements PartitionAnswer {}
}
