package io.taskbroker.application.upkeep;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Outgoing;
import java.util.Collection;
import java.util.List;

/**
 * Rows that have to leave through Kafka. A row stays until its publication is confirmed.
 *
 * <p>{@link #published}, {@link #giveBack} and {@link #park} tell what has happened outside: they
 * neither block nor fail, and the store keeps them until they are written. Until then the rows stay
 * with the caller, so that nobody is given them again. Safe for any number of threads.
 */
public interface OutboxStore {
  /**
   * The oldest rows of a lane, which are the caller's until it says what became of them.
   *
   * @param maxRows 1 to 10,000
   * @param maxBytes of payload; exceeded only by a single row that is larger
   * @throws StoreException.Unavailable if nothing was taken, because the store cannot read, or
   *     cannot write down what it was told before
   */
  List<Taken> take(Lane lane, int maxRows, long maxBytes);

  /** Kafka has acknowledged these; they are over. */
  void published(Collection<Long> keys);

  /** These could not be published now; they wait for their next turn. */
  void giveBack(Collection<Long> keys);

  /** Kafka will never take this one: it is kept, counted, and tried again at the next start. */
  void park(long key, String reason);

  /** A row with its payload as stored, which for a bad record may be empty. */
  record Taken(Outgoing row, byte[] payload) {}
}
