package io.taskbroker.application.store;

/**
 * What the owned store counts. Called on its writer's and its syncer's threads: must be quick, must
 * not block and must not throw.
 */
public interface StoreMetrics {
  /** Counts nothing. */
  StoreMetrics NONE = new StoreMetrics() {};

  /** The writer has got to a command that waited so long. */
  default void waited(StoreCall call, long nanos) {}

  /** So many commands were decided together. */
  default void group(int commands) {}

  /** The changes of a group, or of a slice of intake, were written in such a time. */
  default void committed(long nanos) {}

  /** So many rows are put aside now, since they cannot be read or written. */
  default void putAside(int rows) {}

  /** So many batches of intake were synced together, in such a time. */
  default void synced(int batches, long nanos) {}
}
