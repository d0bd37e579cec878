package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever people and tools do to the files of a running broker: it is noticed within seconds,
 * nothing is written any more, and the next start finds every row that was reported as safe.
 */
class ChangedFilesTest {
  private static final int SECONDS = 60;

  @TempDir Path parent;
  private Path folder;
  private Path file;
  private Path backup;

  @BeforeEach
  void nameTheFiles() throws IOException {
    folder = Files.createDirectory(parent.resolve("data"));
    file = folder.resolve("store.sqlite");
    backup = parent.resolve("backup.sqlite");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mv backup.sqlite data/store.sqlite", // as rsync, editors and restore tools do it
        "rm data/store.sqlite; cp backup.sqlite data/store.sqlite",
        "rm data/store.sqlite",
        "rm data/store.sqlite data/store.sqlite-wal data/store.sqlite-shm",
        "rm -rf data/*",
        "rm -rf data",
        "mv data data.old",
        "mv data data.old; mkdir data",
        "mv data data.old; mkdir data; cp backup.sqlite data/store.sqlite",
        "cp -r data data.new; mv data data.old; mv data.new data",
        "mv data/store.sqlite data/store.old",
        "ln -sfn ../backup.sqlite data/store.sqlite",
        "rm data/store.sqlite-wal",
        "cp data/store.sqlite-wal w; mv w data/store.sqlite-wal",
        "rm data/store.sqlite-shm",
        "rm data/store.sqlite.lock",
        "truncate -s 0 data/store.sqlite",
        "cp backup.sqlite data/store.sqlite", // into the same file
        "dd if=/dev/zero of=data/store.sqlite bs=4096 count=3 conv=notrunc",
        "truncate -s 0 data/store.sqlite-wal",
      })
  void aChangeEndsTheJournal_andTheNextStartFindsEverything(String change) throws Exception {
    SqliteJournal journal = open();
    CompletableFuture<JournalException.Final> ended = new CompletableFuture<>();
    journal.whenEnded(ended::complete);
    insert(journal, 1, 100);
    backup(backup);
    insert(journal, 101, 200);

    try (CapturedLog log = new CapturedLog("taskbroker::store")) {
      shell(change);
      JournalException.Final end = ended.get(SECONDS, TimeUnit.SECONDS);

      assertThat(end)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("Start the broker");
      assertThat(log.lines())
          .anySatisfy(line -> assertThat(line).contains(file.toString(), "Nothing is taken in"));
    }
    assertThatThrownBy(() -> insert(journal, 201, 201)).isInstanceOf(JournalException.Final.class);
    assertThatThrownBy(journal::sync).isInstanceOf(JournalException.Final.class);
    journal.close();

    try (SqliteJournal next = open()) {
      List<Long> all = LongStream.rangeClosed(1, 200).boxed().toList();
      assertThat(Groups.keys(next)).isEqualTo(all);
      assertThat(next.payloads(all)).hasSize(200);
      insert(next, 201, 300);
    }
  }

  @Test
  void aBackupThatWasPutOverTheFileIsKeptBesideIt() throws Exception {
    SqliteJournal journal = open();
    CompletableFuture<JournalException.Final> ended = new CompletableFuture<>();
    journal.whenEnded(ended::complete);
    insert(journal, 1, 100);
    backup(backup);
    insert(journal, 101, 200);

    shell("mv backup.sqlite data/store.sqlite");
    JournalException.Final end = ended.get(SECONDS, TimeUnit.SECONDS);
    journal.close();

    Path kept = folder.resolve("store.sqlite.replaced");
    assertThat(end).hasMessageContaining("is now " + kept.toRealPath());
    assertThat(LogSync.of(kept)).doesNotExist();
    try (SqliteJournal other = open(kept)) {
      assertThat(Groups.keys(other)).hasSize(100);
    }
  }

  @Test
  void aLinkOnTheWayThatIsPointedElsewhereIsNoticed() throws Exception {
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    SqliteJournal journal = open(link.resolve("store.sqlite"));
    CompletableFuture<JournalException.Final> ended = new CompletableFuture<>();
    journal.whenEnded(ended::complete);
    insert(journal, 1, 100);

    shell("mkdir elsewhere; ln -sfn elsewhere link");
    ended.get(SECONDS, TimeUnit.SECONDS);
    journal.close();

    try (SqliteJournal next = open(link.resolve("store.sqlite"))) {
      assertThat(Groups.keys(next)).hasSize(100);
    }
  }

  @Test
  void whatAnotherProgramWritesIsNoticed() throws Exception {
    SqliteJournal journal = open();
    CompletableFuture<JournalException.Final> ended = new CompletableFuture<>();
    journal.whenEnded(ended::complete);
    insert(journal, 1, 100);

    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = other.createStatement()) {
      statement.execute("VACUUM");
    }

    assertThat(ended.get(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("another program");
    journal.close();
    try (SqliteJournal next = open()) {
      assertThat(Groups.keys(next)).hasSize(100);
    }
  }

  @Test
  void whoeverOnlyReadsIsLeftAlone_andSoIsOurOwnUpkeep() throws Exception {
    try (SqliteJournal journal = open()) {
      CompletableFuture<JournalException.Final> ended = new CompletableFuture<>();
      journal.whenEnded(ended::complete);
      insert(journal, 1, 100);
      insertLarge(journal, 101, 160);
      Groups.apply(journal, Groups.delete(101, 160));
      for (int i = 0; i < 20; i++) {
        assertThat(OtherProcess.count(file)).isEqualTo(100);
        backup(parent.resolve("backup" + i));
      }
      long until = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
      while (Files.size(file) > 8 << 20) {
        assertThat(System.nanoTime()).as("given back in time").isLessThan(until);
        Thread.onSpinWait();
      }

      assertThat(ended).isNotDone();
      insert(journal, 201, 300);
    }
  }

  @Test
  void aFolderWithoutRoomKeepsTheRowsInTheProcess_untilTheyCanBeWrittenBack() throws Exception {
    SqliteJournal journal = open();
    CompletableFuture<JournalException.Final> ended = new CompletableFuture<>();
    journal.whenEnded(ended::complete);
    insert(journal, 1, 100);

    try (CapturedLog log = new CapturedLog("taskbroker::store")) {
      shell("mv data data.old; touch data"); // a file where the folder was
      while (log.lines().stream().noneMatch(line -> line.contains("could not be written back"))) {
        Thread.onSpinWait();
      }
    }
    assertThatThrownBy(() -> insert(journal, 101, 101))
        .isInstanceOf(JournalException.NothingChanged.class);
    assertThat(ended).isNotDone();

    shell("rm data");
    time.advance(Duration.ofSeconds(5));
    ended.get(SECONDS, TimeUnit.SECONDS);
    journal.close();
    try (SqliteJournal next = open()) {
      assertThat(Groups.keys(next)).hasSize(100);
    }
  }

  private final SettableTime time = new SettableTime();

  private SqliteJournal open() {
    return open(file);
  }

  private SqliteJournal open(Path path) {
    SqliteJournal journal = SqliteJournal.open(Groups.settings(path), time, EventSink.none());
    journal.load(_ -> {}, _ -> {});
    return journal;
  }

  private static void insert(SqliteJournal journal, long first, long last) {
    journal.apply(Groups.insertPending(first, last, 500), Durability.PROCESS_CRASH);
    journal.sync();
  }

  private static void insertLarge(SqliteJournal journal, long first, long last) {
    for (long key = first; key <= last; key++) {
      journal.apply(Groups.insertPending(key, key, 1 << 20), Durability.PROCESS_CRASH);
    }
  }

  /** As the tool does it, by a connection: SQLite knows of all those of one process. */
  private void backup(Path out) throws SQLException {
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        PreparedStatement vacuum = other.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, out.toString());
      vacuum.execute();
    }
  }

  /** In another process, as closing the database in this one would drop SQLite's locks. */
  private void shell(String commands) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-ec", commands)
            .directory(parent.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(shell.waitFor()).as(commands).isZero();
  }
}
