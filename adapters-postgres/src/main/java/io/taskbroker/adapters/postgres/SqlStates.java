package io.taskbroker.adapters.postgres;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.Set;
import javax.net.ssl.SSLException;

/** What Postgres' codes mean: <https://www.postgresql.org/docs/current/errcodes-appendix.html>. */
final class SqlStates {
  static final String UNDEFINED_TABLE = "42P01";
  static final String NO_SUCH_DATABASE = "3D000";
  static final String DATABASE_EXISTS = "42P04";
  static final String UNIQUE_VIOLATION = "23505";
  static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String READ_ONLY = "25006";
  private static final String DENIED = "42501";

  /** Shutting down, crashed, starting, too many connections, read-only: another moment helps. */
  private static final Set<String> NOT_NOW =
      Set.of("57P01", "57P02", "57P03", "57P05", "53300", READ_ONLY, "25P03", "57P04", "25P04");

  /** Serialization, deadlock, lock timeout, statement timeout. */
  private static final Set<String> PASSING = Set.of("40001", "40P01", LOCK_NOT_AVAILABLE, "57014");

  /** A table or column is missing, or is somebody else's, or may not be touched. */
  private static final Set<String> SCHEMA_IS_WRONG =
      Set.of(UNDEFINED_TABLE, "42703", DENIED, "3F000", "42883", "42804");

  /** A prepared statement that is not there, or is there already. */
  private static final Set<String> SESSION_IS_ANOTHER = Set.of("26000", "42P05");

  private static final String REJECTED = "08004";
  private static final String CONNECTION_FAILED = "08006";
  private static final String DISK_FULL = "53100";

  private SqlStates() {}

  static String of(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  /** Whether the connection is gone, or the server does not serve at this moment. */
  static boolean isOutOfReach(SQLException e) {
    String state = of(e);
    return isConnectionGone(e) || NOT_NOW.contains(state);
  }

  static boolean isConnectionGone(SQLException e) {
    String state = of(e);
    return state.startsWith("08") || state.isEmpty();
  }

  /**
   * Whether server and client do not agree on TLS, which time does not change: the server has none,
   * a certificate is not trusted or has another name, or a file cannot be read. The driver gives
   * these the codes of a lost connection, but the network is not their cause.
   */
  static boolean isRefusalOfTls(SQLException e) {
    boolean isByNetwork = false;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return true;
      }
      isByNetwork |= cause instanceof IOException && !isAboutAFile(cause);
    }
    String state = of(e);
    return state.equals(REJECTED) || (state.equals(CONNECTION_FAILED) && !isByNetwork);
  }

  private static boolean isAboutAFile(Throwable cause) {
    return cause instanceof FileNotFoundException || cause instanceof FileSystemException;
  }

  /** Whether a commit that failed so may have taken effect. */
  static boolean leavesCommitOpen(SQLException e) {
    String state = of(e);
    return isConnectionGone(e)
        || state.equals("57P01")
        || state.equals("57P02")
        || state.startsWith("XX")
        || state.startsWith("58");
  }

  /** Whether the same transaction is likely to work when it is repeated. */
  static boolean isPassing(SQLException e) {
    return PASSING.contains(of(e));
  }

  static boolean isSchemaWrong(SQLException e) {
    return SCHEMA_IS_WRONG.contains(of(e));
  }

  /** Whether the user lacks a right. */
  static boolean isDenied(SQLException e) {
    return of(e).equals(DENIED);
  }

  /** Whether the server takes no writes, as a stand-by does not. */
  static boolean isReadOnly(SQLException e) {
    return of(e).equals(READ_ONLY);
  }

  /** Whether a pooler has handed the session on that a statement was prepared in. */
  static boolean isByPooler(SQLException e) {
    return SESSION_IS_ANOTHER.contains(of(e));
  }

  static boolean isFull(SQLException e) {
    return of(e).equals(DISK_FULL);
  }

  /** Whether a value of a row is to blame: too large, or not allowed. */
  static boolean isAboutAValue(SQLException e) {
    String state = of(e);
    return state.startsWith("22") || state.startsWith("23") || state.startsWith("54");
  }

  /** Whether a page or an index makes no sense. */
  static boolean isDamage(SQLException e) {
    String state = of(e);
    return state.equals("XX001") || state.equals("XX002");
  }
}
