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
    "SQLITE_FULL, NothingChanged, NothingChanged",
    "SQLITE_IOERR_WRITE, NothingChanged, NothingChanged",
    "SQLITE_BUSY, NothingChanged, NothingChanged",
    "SQLITE_READONLY, NothingChanged, NothingChanged",
    "SQLITE_CONSTRAINT_PRIMARYKEY, NothingChanged, Unknown",
    "SQLITE_IOERR_READ, NothingChanged, Unknown",
    "SQLITE_IOERR_SHMMAP, NothingChanged, Unknown",
    "SQLITE_IOERR, NothingChanged, Unknown",
    "SQLITE_IOERR_FSYNC, Final, Final",
    "SQLITE_IOERR_DIR_FSYNC, Final, Final",
    "SQLITE_CORRUPT, Final, Final",
    "SQLITE_NOTADB, Final, Final",
  })
  void theCodeSaysWhatHoldsAfterwards(SQLiteErrorCode code, String before, String commit) {
    SQLException failure = new SQLiteException("as told", code);

    assertThat(nameOf(errors.translate("write", failure, Phase.BEFORE_COMMIT))).isEqualTo(before);
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

  private static String nameOf(JournalException e) {
    return e.getClass().getSimpleName();
  }
}
