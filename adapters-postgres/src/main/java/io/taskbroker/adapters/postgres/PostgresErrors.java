package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalException.Extent;
import java.net.UnknownHostException;
import java.sql.SQLException;

/** What holds after Postgres has failed. */
final class PostgresErrors {
  /** What failed. */
  enum Phase {
    /** Reading certain rows. */
    READ,
    /** Before the commit: whatever was written is rolled back. */
    WRITE,
    COMMIT
  }

  private final PostgresPlace place;

  PostgresErrors(PostgresPlace place) {
    this.place = place;
  }

  /**
   * @param action what was attempted, for example {@code write a group of changes}
   */
  JournalException translate(String action, SQLException e, Phase phase) {
    String message =
        "Could not %s (Postgres, %s): %s. %s".formatted(action, place, words(e), remedy(e));
    if (phase == Phase.COMMIT && SqlStates.leavesCommitOpen(e)) {
      return new JournalException.Unknown(message, e);
    }
    if (SqlStates.isSchemaWrong(e)) {
      return new JournalException.Final(message, e);
    }
    boolean isAboutRows =
        phase != Phase.COMMIT && (SqlStates.isAboutAValue(e) || SqlStates.isDamage(e));
    return new JournalException.NothingChanged(message, e, isAboutRows ? Extent.ROWS : Extent.FILE);
  }

  /** The server's words in one line: it puts details into lines of their own. */
  static String words(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException unknown) {
        return "the name %s cannot be resolved".formatted(unknown.getMessage());
      }
    }
    return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ").replaceAll("\\.+$", "");
  }

  /** The server's words at a start, and what helps if that is known. */
  static String wordsAtStart(SQLException e) {
    return SqlStates.isByPooler(e) || SqlStates.isDenied(e)
        ? words(e) + ". " + remedy(e)
        : words(e);
  }

  private static String remedy(SQLException e) {
    if (SqlStates.isSchemaWrong(e)) {
      return "See that the broker's user may use its tables, and that they are there; --run"
          + " migrations creates and grants";
    }
    if (SqlStates.isFull(e)) {
      return "Free space on the server, or lower store.max_size";
    }
    if (SqlStates.of(e).equals("53300")) {
      return "Raise max_connections of the server, or put a pooler before it: a broker takes five";
    }
    if (SqlStates.isReadOnly(e)) {
      return "Name all servers in store.pg.host, with commas between them, so that the one that"
          + " takes writes is found";
    }
    if (SqlStates.isConnectionGone(e)) {
      return "See that the server runs, and that it can be reached from here";
    }
    if (SqlStates.isByPooler(e)) {
      return "Let the pooler keep prepared statements (PgBouncer 1.21 and max_prepared_statements),"
          + " or write statement-cache-capacity=0 among store.pg.query_params";
    }
    if (SqlStates.isOutOfReach(e)) {
      return "Wait until the server takes writes again";
    }
    return "Look into the server's log";
  }

  /** Whether other rows than those that were asked for may be read or written. */
  static boolean isAboutRows(JournalException e) {
    return e instanceof JournalException.NothingChanged failure && failure.extent() == Extent.ROWS;
  }
}
