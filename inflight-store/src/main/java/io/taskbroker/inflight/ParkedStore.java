package io.taskbroker.inflight;

import java.util.Collection;
import java.util.List;

/**
 * What Kafka has refused, in a store that no broker works with. Used by one thread; all methods
 * block, and throw what the store's adapter throws for a store that cannot be used.
 */
public interface ParkedStore extends AutoCloseable {
  /**
   * One of them.
   *
   * @param leavesAs what Kafka has refused: a retry, a dead letter, a bad record or a demotion
   * @param reason why Kafka will not take it
   */
  record Parked(
      String id,
      String leavesAs,
      String taskname,
      String topic,
      int partition,
      long offset,
      long bytes,
      String reason) {}

  /** All of them, oldest first. */
  List<Parked> list();

  /**
   * Lets these leave when a broker has them next, as if Kafka had not refused them.
   *
   * @return how many
   */
  int retry(Collection<String> ids);

  /**
   * Ends these for good: they are never published. Their records are not taken in again.
   *
   * @return how many
   */
  int drop(Collection<String> ids);

  @Override
  void close();
}
