package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The write-ahead log, turn by turn. */
class CheckpointsTest {
  private static final int MB = 1 << 20;

  /** Enough for the log to count as long. */
  private static final int LONG_MB = 45;

  @TempDir Path folder;
  private Path file;
  private GroupWriter writer;
  private DatabaseSync sync;
  private Checkpoints checkpoints;
  private long nextKey = 1;

  @BeforeEach
  void openFile() throws Exception {
    file = folder.resolve("store.sqlite");
    StoreFile.create(file, FileMode.DEFAULT);
    Connections connections = new Connections(file);
    writer = new GroupWriter(connections.openWriter());
    sync = DatabaseSync.open(file);
    checkpoints =
        new Checkpoints(
            file,
            new SqliteErrors(file),
            connections.openCheckpointer(),
            sync,
            new FileTraffic(),
            new Heartbeat("test", new SettableTime(), Duration.ZERO),
            new SettableTime(),
            EventSink.none());
  }

  @AfterEach
  void closeFile() throws Exception {
    checkpoints.release();
    writer.close();
    sync.close();
  }

  @Test
  void aShortLogIsLeftAlone() throws Exception {
    write(10);
    checkpoints.turn();

    assertThat(Files.size(file)).isLessThan(MB);
    assertThat(checkpoints.size().log()).isGreaterThan(10L * MB);
  }

  @Test
  void aLongLogIsCopied_andTheNextGroupBeginsItAnew() throws Exception {
    write(LONG_MB);
    long length = checkpoints.size().log();
    checkpoints.turn();
    assertThat(Files.size(file)).isGreaterThan(LONG_MB * (long) MB);

    write(LONG_MB - 10);

    assertThat(checkpoints.size().log()).isEqualTo(length);
  }

  /** Or the last pass would sync it while the writer is held. */
  @Test
  void whatIsCopiedBesideTheWriterIsSyncedBesideIt_andTheJournalEndsIfItCannotBe()
      throws Exception {
    write(LONG_MB);
    sync.close();

    assertThatThrownBy(checkpoints::turn)
        .isInstanceOf(JournalException.Final.class)
        .hasMessageContaining("could not be synced");

    assertThat(checkpoints.failure()).isNotNull();
  }

  @Test
  void onADiskThatIsFull_aShortLogIsCopied_too_soThatItsRoomIsUsedAnew() throws Exception {
    write(10);
    long length = checkpoints.size().log();
    checkpoints.makeRoom();
    checkpoints.turn();

    write(9);

    assertThat(checkpoints.size().log()).isEqualTo(length);
  }

  @Test
  void theLogThatAReaderKeptIsCutOnceTheReaderIsGone() throws Exception {
    try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = reader.createStatement()) {
      statement.execute("BEGIN");
      statement.executeQuery("SELECT count(*) FROM activation").close();
      write(LONG_MB);
      checkpoints.turn();
      write(LONG_MB);
      turns(120);
      assertThat(checkpoints.size().log()).isGreaterThan(2 * LONG_MB * (long) MB);
    }

    turns(120);

    assertThat(checkpoints.size().log()).isZero();
    write(1);
    assertThat(checkpoints.size().log()).isLessThan(2L * MB);
  }

  @Test
  void aBusyLogFarBeyondItsMeasureIsCutBetweenTwoGroups() throws Exception {
    try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = reader.createStatement()) {
      statement.execute("BEGIN");
      statement.executeQuery("SELECT count(*) FROM activation").close();
      write(4 * LONG_MB);
      checkpoints.turn();
    }

    for (int i = 0; i < 60; i++) {
      writePages(1);
      checkpoints.turn();
    }

    assertThat(checkpoints.size().log()).isLessThan(2L * MB);
  }

  /** So whoever forces the log may keep it open. */
  @Test
  void theLogStaysTheSameFile_begunAnewOrCut() throws Exception {
    write(1);
    Object first = identityOfLog();

    write(LONG_MB);
    checkpoints.turn();
    write(1);
    assertThat(identityOfLog()).isEqualTo(first);

    write(LONG_MB);
    turns(120);
    assertThat(checkpoints.size().log()).isZero();
    assertThat(identityOfLog()).isEqualTo(first);
  }

  private Object identityOfLog() throws IOException {
    return Files.readAttributes(LogSync.of(file), BasicFileAttributes.class).fileKey();
  }

  private void turns(int count) {
    for (int i = 0; i < count; i++) {
      checkpoints.turn();
    }
  }

  private void write(int megabytes) throws SQLException {
    for (int i = 0; i < megabytes; i++) {
      apply(Groups.insertPending(nextKey, nextKey, MB), MB);
    }
  }

  private void writePages(int rows) throws SQLException {
    for (int i = 0; i < rows; i++) {
      apply(Groups.insertPending(nextKey, nextKey, 10), 10);
    }
  }

  private void apply(JournalGroup group, int payloadBytes) throws SQLException {
    writer.begin(Durability.PROCESS_CRASH);
    writer.write(group);
    writer.commit();
    checkpoints.committed(payloadBytes);
    nextKey++;
  }
}
