package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.testkit.SettableTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How much room the file takes, and what happens when there is none, or somebody is in the way. */
@Timeout(300)
class SpaceTest {
  private static final int MB = 1 << 20;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("store.sqlite");
  }

  /** A writer that may use so many pages at most, 0 for any number, and waits for nobody. */
  private static final class Limited extends Connections {
    private final AtomicInteger mostPages;

    Limited(Path file, AtomicInteger mostPages) {
      super(file);
      this.mostPages = mostPages;
    }

    @Override
    Connection openWriter() throws SQLException {
      Connection connection = super.openWriter();
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA busy_timeout = 20");
        if (mostPages.get() > 0) {
          statement.execute("PRAGMA max_page_count = " + mostPages.get());
        }
      }
      return connection;
    }
  }

  @Test
  void aFileIsRewrittenAtStartIfThatIsWanted() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 1_000, 1_000));
      Groups.apply(journal, Groups.delete(2, 1_000));
    }
    assertThat(Files.size(file)).isGreaterThan(MB);

    var rewritten = new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES, true);
    try (SqliteJournal journal = SqliteJournal.open(rewritten, new SettableTime())) {
      assertThat(Groups.keys(journal)).containsExactly(1L);
    }

    assertThat(Files.size(file)).isLessThan(MB / 4);
  }

  @Test
  void aFileIsRewrittenWhileItServes() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 1_000, 1_000));
      Groups.apply(journal, Groups.delete(2, 1_000));

      journal.rewrite();

      assertThat(Groups.keys(journal)).containsExactly(1L);
    }

    assertThat(Files.size(file)).isLessThan(MB / 4);
  }

  @Test
  void aFileThatCannotBeRewrittenIsUsedAsItIs() throws Exception {
    try (SqliteJournal journal = open(new AtomicInteger());
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = other.createStatement()) {
      Groups.apply(journal, Groups.insertPending(1, 10, 1_000));
      statement.execute("BEGIN IMMEDIATE");

      assertThatThrownBy(journal::rewrite)
          .isInstanceOf(JournalException.NothingChanged.class)
          .hasMessageContaining(file.toString());

      statement.execute("COMMIT");
      assertThat(Groups.keys(journal)).hasSize(10);
      journal.rewrite();
    }
  }

  @Test
  void aFullDiskChangesNothing_andTheNextGroupSucceedsOnceThereIsSpace() {
    AtomicInteger mostPages = new AtomicInteger(100);
    try (SqliteJournal journal = open(mostPages)) {
      Groups.apply(journal, Groups.insertPending(1, 10, 1_000));

      assertThatThrownBy(() -> Groups.apply(journal, Groups.insertPending(11, 1_000, 1_000)))
          .isInstanceOf(JournalException.NothingChanged.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("Free space");
      assertThat(Groups.keys(journal)).hasSize(10);
      Groups.apply(journal, Groups.delete(1, 5));
      assertThat(Groups.keys(journal)).hasSize(5);

      mostPages.set(Integer.MAX_VALUE - 2);
      assertThatThrownBy(() -> Groups.apply(journal, Groups.insertPending(11, 1_000, 1_000)))
          .isInstanceOf(JournalException.NothingChanged.class);
      Groups.apply(journal, Groups.insertPending(11, 1_000, 1_000));
      assertThat(Groups.keys(journal)).hasSize(995);
    }
  }

  @Test
  void aGroupWithoutAChange_tellsWhetherSomethingCanBeWritten() throws Exception {
    try (SqliteJournal journal = open(new AtomicInteger());
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = other.createStatement()) {
      Groups.apply(journal, Groups.insertPending(1, 1, 10));
      long before = journal.size().log();

      journal.apply(new JournalGroup(1, Changes.NONE, Map.of()), Durability.PROCESS_CRASH);
      assertThat(journal.size().log()).isGreaterThan(before);

      statement.execute("BEGIN IMMEDIATE");
      JournalGroup next = new JournalGroup(2, Changes.NONE, Map.of());
      assertThatThrownBy(() -> journal.apply(next, Durability.PROCESS_CRASH))
          .isInstanceOf(JournalException.NothingChanged.class);
      statement.execute("ROLLBACK");
    }
  }

  @Test
  void anotherProgramThatLocksTheFileChangesNothing_andIsOutlived() throws Exception {
    try (SqliteJournal journal = open(new AtomicInteger());
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      assertThatThrownBy(() -> Groups.apply(journal, Groups.insertPending(1, 1, 10)))
          .isInstanceOf(JournalException.NothingChanged.class)
          .hasMessageContaining("Another program");

      statement.execute("ROLLBACK");
      Groups.apply(journal, Groups.insertPending(1, 1, 10));
      assertThat(Groups.keys(journal)).containsExactly(1L);
    }
  }

  @Test
  void aGroupThatIsWrongInItselfLeavesNothingBehind() {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(5, 5, 10));

      assertThatThrownBy(() -> Groups.apply(journal, Groups.insertPending(1, 5, 10)))
          .isInstanceOf(JournalException.NothingChanged.class);
      assertThat(Groups.keys(journal)).containsExactly(5L);
    }
  }

  @Test
  void whatReclaimGivesBackIsGoneFromTheFile() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 200, 100_000));
      Groups.apply(journal, Groups.delete(1, 199));
    }
    assertThat(Files.size(file)).isGreaterThan(15 * MB);

    int steps = 0;
    try (SqliteJournal journal = Groups.open(file)) {
      while (journal.reclaim()) {
        steps++;
      }
    }

    // 20 MB in steps of 1 MB.
    assertThat(steps).isBetween(10, 30);
    assertThat(Files.size(file)).isLessThan(MB);
  }

  @Test
  void theLogIsCutAgainAndAgainUnderASteadyLoad() {
    try (SqliteJournal journal = Groups.open(file)) {
      for (int i = 0; i < 300; i++) { // of a megabyte each
        Groups.apply(journal, Groups.insertPending(i * 10L + 1, i * 10L + 10, 100_000));
        Groups.apply(journal, Groups.delete(i * 10L + 1, i * 10L + 10));
        Groups.awaitAShortLog(journal, 100L * MB, 1_000_000 + i);
      }
    }
  }

  @Test
  void theSizeIsThatOfLivePages() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insertPending(1, 100, 100_000));
      assertThat(journal.size().live()).isBetween(10_000_000L, 11_000_000L);
    }
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.delete(1, 99));
    }
    try (Journal journal = Groups.open(file)) {
      assertThat(journal.size().live()).isLessThan(MB);
    }
    assertThat(Files.size(file)).isGreaterThan(10_000_000L);
  }

  private SqliteJournal open(AtomicInteger mostPages) {
    return SqliteJournal.open(
        Groups.settings(file),
        new SettableTime(),
        EventSink.none(),
        Importer.NONE,
        path -> new Limited(path, mostPages));
  }
}
