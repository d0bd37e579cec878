package io.taskbroker.application.store;

import java.time.Duration;

/** One thing that happened in a journal's upkeep, and is counted. Told by the journal's threads. */
public sealed interface JournalEvent {
  /**
   * The log was looked at, or copied into the database.
   *
   * @param busy whether it could not be copied whole, since somebody reads it
   * @param pages in the log
   * @param copiedPages how many of them are in the database
   */
  record LogSeen(boolean busy, int pages, int copiedPages) implements JournalEvent {}

  /** One pass that copies the log into the database has ended, whether it worked or not. */
  record Checkpointed(Duration took) implements JournalEvent {}

  /** The log could not be copied. */
  record CheckpointFailed() implements JournalEvent {}

  /**
   * Unused space was given back.
   *
   * @param pagesLeft unused pages that are left
   */
  record Reclaimed(int pagesLeft, Duration took) implements JournalEvent {}
}
