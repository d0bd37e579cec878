package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Progress stays for a while when its row goes, and goes together with that of many others. */
class OutlivedProgressTest extends StoreFiles {
  private static final String DELETED = "DELETE FROM progress";
  private static final int MANY = GroupWriting.MANY_OUTLIVED;
  private static final int PIECE = GroupWriting.OUTLIVED_AT_A_TIME;

  private static void handOut(SqliteJournal journal, long first, long last) {
    LongStream.rangeClosed(first, last)
        .forEach(key -> Groups.apply(journal, Groups.handOut(key, 1)));
  }

  private static int progressIn(Path database) throws SQLException {
    return Integer.parseInt(rows(database, "SELECT count(*) FROM progress").getFirst());
  }

  @Test
  void goesWhileNothingWaits_aPieceAtATime() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 2 * PIECE + 10, 10));
      handOut(journal, 1, 2 * PIECE + 10);
      Groups.apply(journal, Groups.delete(1, 2 * PIECE + 5));
      assertThat(progressIn(file)).isEqualTo(2 * PIECE + 10);

      journal.tidy();
      assertThat(progressIn(file)).isEqualTo(PIECE + 10);
      journal.tidy();
      assertThat(progressIn(file)).isEqualTo(10);
      journal.tidy();
      assertThat(progressIn(file)).as("a few wait for more").isEqualTo(10);
    }
  }

  @Test
  void goesWithAGroup_ifThereIsMuchOfIt() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, MANY + 10, 10));
      handOut(journal, 1, MANY + 10);

      Groups.apply(journal, Groups.delete(1, MANY - 1));
      assertThat(progressIn(file)).isEqualTo(MANY + 10);

      Groups.apply(journal, Groups.delete(MANY, MANY));
      assertThat(progressIn(file)).isEqualTo(MANY + 10 - PIECE);
    }
  }

  @Test
  void goesWhenTheFileIsLetGo() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 3, 10));
      handOut(journal, 1, 3);
      Groups.apply(journal, Groups.delete(1, 2));
    }

    assertThat(progressIn(file)).isEqualTo(1);
  }

  @Test
  void ofAProcessThatWasKilled_isNobodys_andGoesWithTheNextProcess() throws Exception {
    Path left = folder.resolve("left.sqlite");
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 5, 10));
      handOut(journal, 1, 5);
      Groups.apply(journal, Groups.delete(2, 5));
      copyAsLeftByAKill(left);
    }

    try (SqliteJournal journal = Groups.open(left)) {
      assertThat(Groups.keys(journal)).containsExactly(1L);
      assertThat(journal.lastKey()).as("a new row gets a higher one").isEqualTo(5);
      assertThat(progressIn(left)).isEqualTo(5);
    }
    assertThat(progressIn(left)).isEqualTo(1);
  }

  /** A disk whose sync fails says so once; what it has lost, nobody hears of again. */
  @Test
  void thatCannotBeSynced_endsTheJournal() {
    Groups.open(file).close();
    try (SqliteJournal journal =
        SqliteJournal.open(
            Groups.settings(file),
            new SettableTime(),
            EventSink.none(),
            Importer.NONE,
            Unsynced::new)) {
      Groups.apply(journal, Groups.insertPending(1, MANY, 10));
      handOut(journal, 1, MANY);

      assertThatThrownBy(() -> Groups.apply(journal, Groups.delete(1, MANY)))
          .isInstanceOf(JournalException.Final.class);
      assertThatThrownBy(() -> Groups.apply(journal, Groups.insertPending(9_999, 9_999, 10)))
          .isInstanceOf(JournalException.Final.class);
    }
  }

  /** The disk fails when progress is deleted. */
  private static final class Unsynced extends Connections {
    private Unsynced(Path file) {
      super(file);
    }

    @Override
    Connection openWriter() throws SQLException {
      Connection plain = super.openWriter();
      return (Connection)
          Proxy.newProxyInstance(
              Unsynced.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (_, method, arguments) -> {
                if (arguments != null && String.valueOf(arguments[0]).startsWith(DELETED)) {
                  throw new SQLiteException("disk I/O error", SQLiteErrorCode.SQLITE_IOERR_FSYNC);
                }
                try {
                  return method.invoke(plain, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  private void copyAsLeftByAKill(Path to) throws IOException {
    for (String part : new String[] {"", "-wal"}) {
      Files.copy(Path.of(file + part), Path.of(to + part));
    }
  }
}
