package io.taskbroker.application.store;

/**
 * How large a store is, in bytes.
 *
 * @param live what is in use; free space does not count
 * @param log what is written and not yet where it belongs, such as a write-ahead log
 */
public record StoreSize(long live, long log) {
  public static final StoreSize EMPTY = new StoreSize(0, 0);

  /** What the limit on the store's size is compared with. */
  public long total() {
    return live + log;
  }
}
