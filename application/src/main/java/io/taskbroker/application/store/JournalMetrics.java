package io.taskbroker.application.store;

/**
 * What a journal counts of its upkeep. Called on the journal's own threads: must not block and must
 * not throw.
 */
public interface JournalMetrics {
  /** Counts nothing. */
  JournalMetrics NONE = new JournalMetrics() {};

  /**
   * Somebody looked at the log, or copied it.
   *
   * @param busy whether it could not be copied whole because somebody reads it
   * @param pages in the log
   * @param copiedPages of them, how many are in the database
   */
  default void log(boolean busy, int pages, int copiedPages) {}

  /** A pass that copies the log into the database took so long. */
  default void checkpointed(long nanos) {}

  /** The log could not be copied. */
  default void checkpointFailed() {}

  /** Unused space was given back; so many unused pages are left. */
  default void reclaimed(int pagesLeft, long nanos) {}
}
