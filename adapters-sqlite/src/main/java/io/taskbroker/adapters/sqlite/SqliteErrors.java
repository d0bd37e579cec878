package io.taskbroker.adapters.sqlite;

import io.taskbroker.inflight.JournalException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * What holds after SQLite has failed. The codes: <https://sqlite.org/rescode.html>.
 *
 * <p>A failed statement leaves a transaction that is rolled back, or is gone already: nothing
 * changed. A failed commit did not write its last page, unless the code leaves that open.
 */
final class SqliteErrors {
  /** How far the failed call had come. */
  enum Phase {
    BEFORE_COMMIT,
    COMMIT
  }

  private final Path file;

  SqliteErrors(Path file) {
    this.file = file;
  }

  /**
   * @param action what was attempted, for example {@code write 12 rows}
   */
  JournalException translate(String action, SQLException e, Phase phase) {
    SQLiteErrorCode code = codeOf(e);
    String message =
        "Could not %s (%s): %s. %s.".formatted(action, file, e.getMessage(), remedy(code));
    return switch (code) {
      case SQLITE_IOERR_FSYNC,
          SQLITE_IOERR_DIR_FSYNC,
          SQLITE_IOERR_CORRUPTFS,
          SQLITE_IOERR_DATA,
          SQLITE_CORRUPT,
          SQLITE_CORRUPT_INDEX,
          SQLITE_CORRUPT_SEQUENCE,
          SQLITE_CORRUPT_VTAB,
          SQLITE_NOTADB ->
          new JournalException.Final(message, e);
      case SQLITE_FULL,
          SQLITE_IOERR_WRITE,
          SQLITE_BUSY,
          SQLITE_BUSY_SNAPSHOT,
          SQLITE_BUSY_RECOVERY,
          SQLITE_LOCKED,
          SQLITE_NOMEM,
          SQLITE_READONLY ->
          new JournalException.NothingChanged(message, e);
      default ->
          phase == Phase.COMMIT
              ? new JournalException.Unknown(message, e)
              : new JournalException.NothingChanged(message, e);
    };
  }

  JournalException.Final damagedRow(UnreadableRowException e) {
    return new JournalException.Final(
        "%s of %s. %s.".formatted(e.getMessage(), file, remedy(SQLiteErrorCode.SQLITE_CORRUPT)), e);
  }

  /** Whether the file system, or its quota, gives no more. */
  static boolean isFull(SQLException e) {
    return codeOf(e) == SQLiteErrorCode.SQLITE_FULL;
  }

  /** Whether somebody else's lock was in the way. */
  static boolean isBusy(SQLException e) {
    return switch (codeOf(e)) {
      case SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_BUSY_RECOVERY, SQLITE_LOCKED -> true;
      default -> false;
    };
  }

  private static SQLiteErrorCode codeOf(SQLException e) {
    return e instanceof SQLiteException known
        ? known.getResultCode()
        : SQLiteErrorCode.UNKNOWN_ERROR;
  }

  private String remedy(SQLiteErrorCode code) {
    return switch (code) {
      case SQLITE_FULL ->
          "Free space on the file system of %s, or lower store.max_size"
              .formatted(file.getParent());
      case SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_BUSY_RECOVERY, SQLITE_LOCKED ->
          "Another program writes to the file or locks it: end it";
      case SQLITE_CORRUPT,
          SQLITE_CORRUPT_INDEX,
          SQLITE_CORRUPT_SEQUENCE,
          SQLITE_CORRUPT_VTAB,
          SQLITE_NOTADB ->
          "Restore the file from a backup, or move it away together with its -wal to start empty";
      case SQLITE_READONLY, SQLITE_READONLY_DIRECTORY, SQLITE_CANTOPEN, SQLITE_PERM ->
          "See that the broker's user may write to the file and its folder";
      default -> "Look into the disk and the system's log";
    };
  }
}
