package io.taskbroker.inflight;

import java.util.function.LongSupplier;

/**
 * Keys of new rows where brokers share a journal, reserved in blocks. Used by the writer's thread.
 */
final class KeyBlocks implements LongSupplier {
  /**
   * Of one block: seconds of a busy broker. What is left of it when a partition comes is wasted.
   */
  static final int BLOCK = 10_000;

  private final KeyReserve reserve;
  private long next;
  private int left;

  KeyBlocks(KeyReserve reserve) {
    this.reserve = reserve;
  }

  /**
   * The next key.
   *
   * @throws JournalException.NothingChanged if none could be reserved now
   */
  @Override
  public long getAsLong() {
    if (left == 0) {
      reserve();
    }
    left--;
    return next++;
  }

  private void reserve() {
    try {
      next = reserve.reserveKeys(BLOCK);
      left = BLOCK;
    } catch (JournalException.Unknown e) { // a block that nobody uses does no harm
      throw new JournalException.NothingChanged(String.valueOf(e.getMessage()), e);
    }
  }

  /** Rows have come with higher keys, maybe; the next key is above those of all of them. */
  void dropRest() {
    left = 0;
  }
}
