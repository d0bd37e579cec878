package io.taskbroker.adapters.sqlite;

import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalException.Extent;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * What holds after SQLite has failed. The codes: <https://sqlite.org/rescode.html>.
 *
 * <p>A failed statement leaves a transaction that is rolled back, or is gone already: nothing
 * changed. A failed commit did not write its last page, unless the code leaves that open.
 *
 * <p>A damaged page concerns the rows on it. It concerns the whole file where new rows are put in,
 * since all of them go to the same page.
 */
public final class SqliteErrors {
  /** What failed. */
  enum Phase {
    /** Reading certain rows. */
    READ,
    /** Putting new rows in. */
    INSERT,
    /** Changing or deleting certain rows. */
    CHANGE,
    COMMIT,
    /** Work on the file as a whole: beginning a transaction, copying the log, giving space back. */
    UPKEEP
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
      case SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC, SQLITE_NOTADB ->
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
      default -> {
        if (phase == Phase.COMMIT) {
          yield isDamage(e)
              ? new JournalException.Final(message, e)
              : new JournalException.Unknown(message, e);
        }
        yield new JournalException.NothingChanged(message, e, extent(e, phase));
      }
    };
  }

  /**
   * For what is not attempted, since the disk has too little room for it.
   *
   * @param free bytes on the disk
   * @param needed bytes
   */
  JournalException.NothingChanged wouldBeFull(String action, long free, long needed) {
    String reason =
        "the disk is full but for %d KB, and %d KB are needed".formatted(free >> 10, needed >> 10);
    return new JournalException.NothingChanged(
        "Could not %s (%s): %s. %s."
            .formatted(action, file, reason, remedy(SQLiteErrorCode.SQLITE_FULL)),
        new IOException(reason));
  }

  /** For a file of which so much is damaged that it is not served. */
  JournalException.Final hopeless(DamageReport damage) {
    return new JournalException.Final(
        "%s is damaged, and too much of it cannot be read: %s. Nothing in it was changed. %s."
            .formatted(file, damage, DamageReport.REMEDY.formatted(file)),
        new SQLException(damage.toString()));
  }

  private static Extent extent(SQLException e, Phase phase) {
    return switch (phase) {
      case READ, CHANGE -> isDamage(e) || isAboutAValue(e) ? Extent.ROWS : Extent.FILE;
      case INSERT -> isAboutAValue(e) ? Extent.ROWS : Extent.FILE;
      case COMMIT, UPKEEP -> Extent.FILE;
    };
  }

  /** Whether a part of the file makes no sense, or cannot be read from the disk. */
  static boolean isDamage(SQLException e) {
    return switch (codeOf(e)) {
      case SQLITE_CORRUPT,
          SQLITE_CORRUPT_INDEX,
          SQLITE_CORRUPT_SEQUENCE,
          SQLITE_CORRUPT_VTAB,
          SQLITE_IOERR_CORRUPTFS,
          SQLITE_IOERR_DATA,
          SQLITE_IOERR_READ,
          SQLITE_IOERR_SHORT_READ ->
          true;
      default -> false;
    };
  }

  /** Whether other rows than those that were asked for may be read or written. */
  static boolean isAboutRows(JournalException e) {
    return e instanceof JournalException.NothingChanged failure
        && failure.extent() == JournalException.Extent.ROWS;
  }

  /** Whether a row holds what no file would take. */
  private static boolean isAboutAValue(SQLException e) {
    int primaryCode = codeOf(e).code & 0xff;
    return primaryCode == SQLiteErrorCode.SQLITE_CONSTRAINT.code
        || primaryCode == SQLiteErrorCode.SQLITE_TOOBIG.code
        || primaryCode == SQLiteErrorCode.SQLITE_MISMATCH.code;
  }

  /** Whether the file system, or its quota, gives no more. */
  static boolean isFull(SQLException e) {
    return switch (codeOf(e)) {
      case SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_SHMSIZE -> true; // a quota is the second
      default -> false;
    };
  }

  /** Whether somebody else's lock was in the way. */
  public static boolean isBusy(SQLException e) {
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
      case SQLITE_IOERR_WRITE,
          SQLITE_IOERR_TRUNCATE,
          SQLITE_IOERR_SHMSIZE,
          SQLITE_IOERR_SHMMAP,
          SQLITE_IOERR_SHMOPEN ->
          "See that the file system of %s has room, is within the user's quota and is mounted read-write, then look into the system's log"
              .formatted(file.getParent());
      case SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_BUSY_RECOVERY, SQLITE_LOCKED ->
          "Another program writes to the file or locks it: end it";
      case SQLITE_CORRUPT,
          SQLITE_CORRUPT_INDEX,
          SQLITE_CORRUPT_SEQUENCE,
          SQLITE_CORRUPT_VTAB,
          SQLITE_IOERR_CORRUPTFS,
          SQLITE_IOERR_DATA,
          SQLITE_IOERR_READ,
          SQLITE_IOERR_SHORT_READ,
          SQLITE_NOTADB ->
          DamageReport.REMEDY.formatted(file);
      case SQLITE_READONLY, SQLITE_READONLY_DIRECTORY, SQLITE_CANTOPEN, SQLITE_PERM ->
          "See that the broker's user may write to the file and its folder, and that their file"
              + " system is mounted read-write";
      default -> "Look into the disk and the system's log";
    };
  }
}
