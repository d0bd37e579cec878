package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Progress stays for a while when its row goes, and goes together with that of many others. */
class OutlivedProgressTest extends StoreFiles {
  private static final int MANY = GroupWriting.MANY_OUTLIVED;

  private static void handOut(SqliteJournal journal, long first, long last) {
    LongStream.rangeClosed(first, last)
        .forEach(key -> Groups.apply(journal, Groups.handOut(key, 1)));
  }

  private static int progressIn(Path database) throws SQLException {
    return Integer.parseInt(rows(database, "SELECT count(*) FROM progress").getFirst());
  }

  @Test
  void goesManyAtATime() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, MANY + 10, 10));
      handOut(journal, 1, MANY + 10);

      Groups.apply(journal, Groups.delete(1, MANY - 1));
      assertThat(progressIn(file)).isEqualTo(MANY + 10);

      Groups.apply(journal, Groups.delete(MANY, MANY));
      assertThat(progressIn(file)).isEqualTo(10);
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

  private void copyAsLeftByAKill(Path to) throws IOException {
    for (String part : new String[] {"", "-wal"}) {
      Files.copy(Path.of(file + part), Path.of(to + part));
    }
  }
}
