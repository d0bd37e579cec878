package io.taskbroker.simulation.world;

/**
 * What a world is made of.
 *
 * @param brokers members of the consumer group, 1 to 4
 * @param topics that the group reads, 1 or 2; retries go to the first
 * @param partitions of each topic
 * @param workers that ask for tasks
 * @param pushes whether brokers call the workers; else workers ask
 * @param syncs whether each commit of the store survives a power cut
 * @param maxPending rows after which intake is held
 * @param upkeepMs between two passes of upkeep
 * @param shared whether the brokers keep their rows in one place; else each has a file
 */
public record Setup(
    int brokers,
    int topics,
    int partitions,
    int workers,
    boolean pushes,
    boolean syncs,
    int maxPending,
    int upkeepMs,
    boolean shared) {
  /** Of brokers with a file each. */
  public Setup(
      int brokers,
      int topics,
      int partitions,
      int workers,
      boolean pushes,
      boolean syncs,
      int maxPending,
      int upkeepMs) {
    this(brokers, topics, partitions, workers, pushes, syncs, maxPending, upkeepMs, false);
  }
}
