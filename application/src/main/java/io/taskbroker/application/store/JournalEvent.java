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

  /** A group was broken off by a database server that others use, too. */
  record BrokenOff(Remedy remedy) implements JournalEvent {}

  /** What has become of a group that was broken off. */
  enum Remedy {
    /** It is about to be repeated. */
    REPEATED,
    /** It was written in the end. */
    WRITTEN,
    /** It was broken off too often. */
    GIVEN_UP
  }

  /** A connection to a database server was lost, or could not be opened. */
  record ConnectionLost() implements JournalEvent {}

  /**
   * A broker of several has said that it lives.
   *
   * @param partitions whose rows are this broker's
   * @param serverAhead how far the server's clock is ahead of this broker's; may be negative
   */
  record Beaten(int partitions, Duration serverAhead) implements JournalEvent {}

  /**
   * A database server was asked for its statistics.
   *
   * @param deadRows rows that are over, and not removed yet
   * @param oldestTransaction how long the one has lasted that keeps such rows for longest; zero if
   *     none can be seen
   */
  record TablesSeen(long deadRows, Duration oldestTransaction) implements JournalEvent {}

  /** Reports were left for the owners of their rows. */
  record ReportsLeft(int reports) implements JournalEvent {}

  /** Reports that others have left here are done with. */
  record ReportsTaken(int reports) implements JournalEvent {}
}
