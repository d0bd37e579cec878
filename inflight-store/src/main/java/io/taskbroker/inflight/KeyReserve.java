package io.taskbroker.inflight;

/** Where the keys of new rows come from, in a journal that several brokers share. */
@FunctionalInterface
public interface KeyReserve {
  /**
   * Reserves keys for new rows. They are above all keys that were reserved before, by any broker.
   * Blocks on I/O, and is called by the store's writer.
   *
   * @return the first of {@code count} consecutive keys
   * @throws JournalException.NothingChanged if none could be reserved now
   * @throws JournalException.Unknown if they may be reserved; the same call is made again, and what
   *     was reserved in vain does no harm
   * @throws JournalException.Deposed if this broker is deposed
   */
  long reserveKeys(int count);
}
