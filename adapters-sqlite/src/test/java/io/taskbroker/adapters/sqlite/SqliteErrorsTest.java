package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.inflight.JournalException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqliteErrorsTest {
  private final SqliteErrors errors = new SqliteErrors(Path.of("/data/store.sqlite"));

  @ParameterizedTest
  @CsvSource({
    // of what was done to certain rows, of a new row, and at the commit
    "SQLITE_FULL, FILE, FILE, FILE",
    "SQLITE_IOERR_WRITE, FILE, FILE, FILE",
    "SQLITE_BUSY, FILE, FILE, FILE",
    "SQLITE_READONLY, FILE, FILE, FILE",
    "SQLITE_CONSTRAINT_PRIMARYKEY, ROWS, ROWS, Unknown",
    "SQLITE_TOOBIG, ROWS, ROWS, Unknown",
    "SQLITE_IOERR_READ, ROWS, FILE, Final",
    "SQLITE_IOERR_SHMMAP, FILE, FILE, Unknown",
    "SQLITE_IOERR, FILE, FILE, Unknown",
    "SQLITE_IOERR_FSYNC, Final, Final, Final",
    "SQLITE_IOERR_DIR_FSYNC, Final, Final, Final",
    "SQLITE_CORRUPT, ROWS, FILE, Final",
    "SQLITE_NOTADB, Final, Final, Final",
  })
  void theCodeSaysWhatHoldsAfterwards(
      SQLiteErrorCode code, String change, String insert, String commit) {
    SQLException failure = new SQLiteException("as told", code);

    assertThat(nameOf(errors.translate("read", failure, Phase.READ))).isEqualTo(change);
    assertThat(nameOf(errors.translate("write", failure, Phase.CHANGE))).isEqualTo(change);
    assertThat(nameOf(errors.translate("write", failure, Phase.INSERT))).isEqualTo(insert);
    assertThat(nameOf(errors.translate("write", failure, Phase.COMMIT))).isEqualTo(commit);
  }

  @Test
  void theMessageSaysWhatWasAttemptedOnWhichFileAndWhatToDo() {
    JournalException translated =
        errors.translate(
            "write a group",
            new SQLiteException("disk is full", SQLiteErrorCode.SQLITE_FULL),
            Phase.COMMIT);

    assertThat(translated)
        .hasMessage(
            "Could not write a group (/data/store.sqlite): disk is full. Free space on the file"
                + " system of /data, or lower store.max_size.");
  }

  /** What SQLite says of a quota that is used up, of a read-only mount, and of a full -shm. */
  @ParameterizedTest
  @CsvSource({"SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"})
  void theMessageNamesQuotaAndMount(SQLiteErrorCode code) {
    assertThat(errors.translate("write a group", new SQLiteException("no", code), Phase.INSERT))
        .hasMessageContaining("/data has room, is within the user's quota and is mounted");
  }

  private static String nameOf(JournalException e) {
    return e instanceof JournalException.NothingChanged failure
        ? failure.extent().name()
        : e.getClass().getSimpleName();
  }
}
