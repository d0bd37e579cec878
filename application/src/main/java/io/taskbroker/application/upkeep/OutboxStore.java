package io.taskbroker.application.upkeep;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Outgoing;
import java.util.Collection;
import java.util.List;

/**
 * Rows that have to leave through Kafka. A row stays until its publication is confirmed.
 *
 * <p>All methods but {@link #take} and {@link #unpark} tell what has happened outside: they neither
 * block nor fail, and the store keeps them until they are written. Until then the rows stay with
 * the caller, so that nobody is given them again. Safe for any number of threads.
 */
public interface OutboxStore {
  /**
   * Takes the oldest rows of a lane. They are the caller's until it says what became of them. If a
   * worker's report has changed meanwhile by which lane a row has to leave, what became of the
   * record changes nothing, and the row waits in its new lane from then on. A row that cannot be
   * read is put aside until the next start; the others are given.
   *
   * <p>An at-most-once row in the lane of retries or demotions is marked on disk before this
   * returns: its record may be in Kafka. If the process ends before the store is told more, the row
   * has failed.
   *
   * @param maxRows 1 to 10,000
   * @param maxBytes of payload; exceeded only by a single row that is larger
   * @throws StoreException.Unavailable if nothing was taken, because the store cannot read, or
   *     cannot write down what it was told before
   */
  List<Taken> take(Lane lane, int maxRows, long maxBytes);

  /** Kafka has acknowledged these; they are over. */
  void published(Collection<Long> keys);

  /** These are not in Kafka, or may be there twice; they wait for their next turn. */
  void giveBack(Collection<Long> keys);

  /**
   * Nobody knows whether Kafka has these at-most-once rows. They neither leave again nor come back:
   * they have failed.
   *
   * @param reason what is known, for people
   */
  void uncertain(Collection<Long> keys, String reason);

  /**
   * Kafka refused this row, and not others, for a cause that may pass. The row is kept aside and
   * counted as parked. It tries again after 5 s; after each further refusal it waits twice as long,
   * 5 min at most.
   */
  void refused(long key, String reason);

  /**
   * This row cannot leave while this process runs. It is kept, counted, and tried again at the next
   * start.
   */
  void park(long key, String reason);

  /** Lets rows that are kept aside try again; how many there were. Blocks until done. */
  int unpark();

  /** A row with its payload as stored, which for a bad record may be empty. */
  record Taken(Outgoing row, byte[] payload) {}
}
