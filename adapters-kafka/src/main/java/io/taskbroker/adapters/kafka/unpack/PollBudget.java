package io.taskbroker.adapters.kafka.unpack;

import java.io.Serial;
import org.apache.kafka.common.errors.SerializationException;

/**
 * How many bytes one poll may unpack. Used by the consumer's thread alone.
 *
 * <p>The client asks for records one by one and ends a poll at the first that it cannot have; the
 * next poll asks for the same record again.
 */
public final class PollBudget {
  private final long limit;
  private long spent;

  public PollBudget(long limitBytes) {
    this.limit = limitBytes;
  }

  /** A poll begins. */
  public void begin() {
    spent = 0;
  }

  /**
   * Lets a record be unpacked; the first of a poll always.
   *
   * @throws PollIsFull if it has to wait for the next poll
   */
  void admit(long bytes) {
    if (spent > 0 && spent + bytes > limit) {
      throw new PollIsFull();
    }
    spend(Math.max(1, bytes));
  }

  /** Counts memory that was not known before the record was read. */
  void spend(long bytes) {
    spent += bytes;
  }

  /** The client's sign for "not this one, not now"; it is cheap, and asks again. */
  static final class PollIsFull extends SerializationException {
    @Serial private static final long serialVersionUID = 1L;

    PollIsFull() {
      super("this poll has unpacked what it may");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
