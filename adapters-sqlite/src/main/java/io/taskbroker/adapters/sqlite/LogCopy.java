package io.taskbroker.adapters.sqlite;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * The connection by which the log is copied into the database, and space given back. Used by one
 * thread at a time.
 */
final class LogCopy {
  /** A rest of the log that the writer may be held for: a few milliseconds. */
  private static final int SHORT_REST_PAGES = 400;

  private static final int MOST_PASSES_BESIDE_THE_WRITER = 4;

  private final Connection connection;
  private final Statement statement;
  private final DatabaseSync database;
  private final FileTraffic traffic;
  private final TimeSource time;
  private final EventSink<JournalEvent> metrics;
  private Runnable whenWritten = () -> {};

  /** Pages in the log, and how many of them are copied into the database. */
  record Log(int pages, int copied) {
    int rest() {
      return pages - copied;
    }
  }

  /** What the database holds with all that is in the log; pages that are free are not in use. */
  record Size(long pages, long freePages) {
    long bytes() {
      return pages * Schema.PAGE_BYTES;
    }

    long liveBytes() {
      return (pages - freePages) * Schema.PAGE_BYTES;
    }
  }

  LogCopy(
      Connection connection,
      DatabaseSync database,
      FileTraffic traffic,
      TimeSource time,
      EventSink<JournalEvent> metrics)
      throws SQLException {
    this.connection = connection;
    this.database = database;
    this.statement = connection.createStatement();
    this.traffic = traffic;
    this.time = time;
    this.metrics = metrics;
  }

  /**
   * @param told each time after the database was written to
   */
  void whenWritten(Runnable told) {
    whenWritten = told;
  }

  Connection connection() {
    return connection;
  }

  Log look() throws SQLException {
    return ask("NOOP");
  }

  Size size() throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count")) {
      row.next();
      return new Size(row.getLong(1), row.getLong(2));
    }
  }

  /**
   * Copies the log as far as readers let it, with a last pass between two groups. That one syncs
   * the database while the writer is held, so what the others have copied is synced before.
   *
   * @throws JournalException.Final if the database could not be synced
   */
  Log copy(String lastPass) throws SQLException {
    int passes = 0;
    while (passes < MOST_PASSES_BESIDE_THE_WRITER && look().rest() > SHORT_REST_PAGES) {
      checkpoint("PASSIVE");
      database.force();
      passes++;
    }
    return checkpointBetweenGroups(lastPass);
  }

  private Log checkpointBetweenGroups(String mode) throws SQLException {
    boolean isAlone = traffic.keepReadersOut();
    try {
      traffic.groups().lock();
      try {
        traffic.changedBesideTheWriter(); // a log that is cut looks to the writer like a change
        return checkpoint(mode);
      } finally {
        traffic.groups().unlock();
      }
    } finally {
      if (isAlone) {
        traffic.letReadersIn();
      }
    }
  }

  private Log checkpoint(String mode) throws SQLException {
    long began = time.nanos();
    try {
      return ask(mode);
    } finally {
      metrics.count(new JournalEvent.Checkpointed(Duration.ofNanos(time.nanos() - began)));
      whenWritten.run();
    }
  }

  private Log ask(String mode) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
      row.next();
      Log log = new Log(row.getInt(2), row.getInt(3));
      metrics.count(new JournalEvent.LogSeen(row.getInt(1) != 0, log.pages(), log.copied()));
      return log;
    }
  }

  /** Gives back at most so many free pages, between two groups; returns what is left. */
  Size giveBack(int pages) throws SQLException {
    traffic.groups().lock();
    try {
      long began = time.nanos();
      // Not execute(), which would take the first step of the statement only and free one page.
      statement.executeUpdate("PRAGMA incremental_vacuum(" + pages + ")");
      traffic.changedBesideTheWriter();
      Size left = size();
      metrics.count(
          new JournalEvent.Reclaimed(
              (int) left.freePages(), Duration.ofNanos(time.nanos() - began)));
      return left;
    } finally {
      traffic.groups().unlock();
    }
  }

  void close() throws SQLException {
    connection.close();
  }
}
