package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.sqlite.ParkedRows.Parked;
import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.adapters.sqlite.upstream.ReferenceExport;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFile;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFiles;
import io.taskbroker.application.EventSink;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.broker.PlainTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators do with a store's file: export it, copy it, settle what Kafka has refused. */
@Timeout(300)
class StoreToolsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Moment DUE = new Moment(9_999, 0);

  @TempDir Path folder;
  private Path file;
  private Path out;

  @BeforeEach
  void nameTheFiles() {
    file = folder.resolve("store.sqlite");
    out = folder.resolve("out.sqlite");
  }

  @Test
  void whatIsExportedIsWhatTheReferenceKnows() throws Exception {
    storeWith(
        row(1, task("delayed").delayUntil(5_500), new Delayed(5_500)),
        row(2, task("pending"), Pending.STATE),
        row(3, task("claimed"), new Claimed(DUE, ClaimPurpose.PUSH)),
        row(4, task("demoted"), new Claimed(DUE, ClaimPurpose.DEMOTION)),
        row(5, task("processing"), new Processing(DUE)),
        row(6, task("retry"), AwaitingRetry.STATE),
        row(7, task("failure"), Failed.STATE),
        row(8, task("over"), Completed.STATE),
        row(9, task("once-claimed").atMostOnce(), new Claimed(DUE, ClaimPurpose.PUSH)),
        row(10, task("once-covered").atMostOnce().at(Activations.ORIGIN, 4), Pending.STATE),
        row(11, task("once-uncovered").atMostOnce().at(Activations.ORIGIN, 5), Pending.STATE));

    ReferenceExport.Outcome outcome = export();

    assertThat(outcome).isEqualTo(new ReferenceExport.Outcome(out, 10, 0, 0, 1));
    assertThat(
            rows(
                "SELECT id, status, processing_deadline, claim_expires_at, delay_until"
                    + " FROM inflight_taskactivations ORDER BY rowid"))
        .containsExactly(
            "delayed|Delay|null|null|5",
            "pending|Pending|null|null|null",
            "claimed|Claimed|null|9|null",
            "demoted|Pending|null|null|null",
            "processing|Processing|9|null|null",
            "retry|Retry|null|null|null",
            "failure|Failure|null|null|null",
            "once-claimed|Processing|9|null|null",
            "once-covered|Pending|null|null|null",
            "once-uncovered|Failure|null|null|null");
  }

  /** Whether another broker may get it, too, is known of each partition by itself. */
  @Test
  void whatMayRunElsewhereIsExportedAsAFailure() throws Exception {
    Partition origin = Activations.ORIGIN;
    Partition sibling = new Partition(origin.topic(), 1);
    storeWith(
        row(1, once("covered").at(origin, 4), Pending.STATE),
        row(2, once("elsewhere").at(new Partition("other", 0), 4), Pending.STATE),
        row(3, once("sibling").at(sibling, 4), Pending.STATE),
        row(4, once("imported").at(new Partition(origin.topic(), -1), 9), Pending.STATE),
        row(5, once("delayed").at(origin, 9).delayUntil(5_500), new Delayed(5_500)),
        row(6, once("retry").at(origin, 9), AwaitingRetry.STATE),
        row(7, task("any").at(origin, 9), Pending.STATE));

    assertThat(export().uncertain()).isEqualTo(3);

    assertThat(rows("SELECT id, status FROM inflight_taskactivations ORDER BY rowid"))
        .containsExactly(
            "covered|Pending",
            "elsewhere|Failure",
            "sibling|Failure",
            "imported|Pending",
            "delayed|Failure",
            "retry|Retry",
            "any|Pending");
  }

  @Test
  void timesAreRoundedDown_alsoBefore1970() throws Exception {
    storeWith(
        row(1, task("a").receivedAt(-1_500).expiresAt(-500), Pending.STATE),
        row(2, task("b").receivedAt(1_999).expiresAt(-2_000), Pending.STATE));
    export();

    assertThat(rows("SELECT received_at, expires_at FROM inflight_taskactivations ORDER BY rowid"))
        .containsExactly("-2|-1", "1|-2");
  }

  @Test
  void theExportHasTheLayoutAndTheBookkeepingOfTheReference() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));
    export();
    Path made = folder.resolve("made.sqlite");
    ReferenceFile.create(made, ReferenceFile.NEWEST).close();
    String columns =
        "SELECT cid, name, type, \"notnull\", dflt_value, pk"
            + " FROM pragma_table_info('inflight_taskactivations')";
    String bookkeeping =
        "SELECT version, description, success, hex(checksum) FROM _sqlx_migrations";

    assertThat(rows(columns)).isEqualTo(rows(made, columns));
    assertThat(rows(bookkeeping)).isEqualTo(rows(made, bookkeeping)).hasSize(6);
    assertThat(rows("SELECT name FROM pragma_index_info('idx_pending_activation')"))
        .containsExactly("status", "added_at", "namespace", "id");
    assertThat(rows("PRAGMA journal_mode")).containsExactly("wal");
    assertThat(rows("PRAGMA auto_vacuum")).containsExactly("2");
  }

  @Test
  void whatWorkersSaidOfRetriesIsInTheExportedPayload() throws Exception {
    storeWith(
        overridden(1, "both", new RetryOverride(9, 30L)),
        overridden(2, "attempts", new RetryOverride(8, null)),
        overridden(3, "delay", new RetryOverride(null, 20L)),
        row(4, task("none"), AwaitingRetry.STATE));
    export();

    List<PlainTask> tasks = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + out);
        Statement statement = connection.createStatement();
        ResultSet payload =
            statement.executeQuery(
                "SELECT activation FROM inflight_taskactivations ORDER BY rowid")) {
      while (payload.next()) {
        tasks.add(PlainTask.decode(payload.getBytes(1)).orElseThrow());
      }
    }
    assertThat(tasks).extracting(PlainTask::maxAttempts).containsExactly(9, 8, null, null);
    assertThat(tasks).extracting(PlainTask::delayOnRetrySec).containsExactly(30L, null, 20L, null);
  }

  @Test
  void anExportComesBackByAnImport() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE), row(2, task("b"), Failed.STATE));
    export();

    try (SqliteJournal journal =
        SqliteJournal.open(
            Groups.settings(out),
            new SettableTime(),
            EventSink.none(),
            new ReferenceFiles(new ImportSettings("taskworker", new PlainCodec())))) {
      assertThat(Groups.keys(journal)).containsExactly(1L, 2L);
    }
  }

  @Test
  void recordsThatAreNoTasksStayInTheStore() throws Exception {
    Activation bad = Activation.badRecord(new Partition("t", 0), 1, 0, 0, 3, "not a task");
    storeWith(
        new StoredActivation(1, bad, Failed.STATE, 0, RetryOverride.NONE, "invalid"),
        parked(2, task("big"), AwaitingRetry.STATE, "too large"));

    assertThat(export()).isEqualTo(new ReferenceExport.Outcome(out, 1, 1, 1, 0));
    assertThat(rows("SELECT id FROM inflight_taskactivations")).containsExactly("big");
  }

  @Test
  void anExportThatFailsLeavesNothing() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insert(3, overridden(1, "no-task", new RetryOverride(9, 30L))));
    }

    assertThatThrownBy(this::export).isInstanceOf(IllegalArgumentException.class);

    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("out"));
    }
  }

  @Test
  void whatAnInterruptedExportLeftIsNoHindrance() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));
    Path draft = Files.writeString(folder.resolve("out.sqlite.new"), "half an export");

    assertThat(export().exported()).isEqualTo(1);

    assertThat(draft).doesNotExist();
  }

  @Test
  void nothingIsExportedWhileABrokerHoldsTheFile() throws Exception {
    try (OtherProcess broker = OtherProcess.start("hold", file)) {
      assertThat(broker.line()).isEqualTo("held");

      assertThatThrownBy(this::export)
          .isInstanceOf(UnusableFileException.class)
          .hasMessageContaining("held by process " + broker.pid())
          .hasMessageContaining("Stop it first");
    }
    assertThat(out).doesNotExist();
  }

  @Test
  void anExistingFileIsNotOverwritten() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));
    Files.writeString(out, "mine");

    assertThatThrownBy(this::export).hasMessageContaining("exists and is not overwritten");
    assertThatThrownBy(() -> StoreBackup.write(file, out, LIMIT))
        .hasMessageContaining("exists and is not overwritten");

    assertThat(out).hasContent("mine");
  }

  @Test
  void aMissingFileIsNamed_andNothingIsMade() {
    assertThatThrownBy(this::export).hasMessageContaining(file + " does not exist");
    assertThatThrownBy(() -> ParkedRows.open(file)).hasMessageContaining("does not exist");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anEmptyFileIsNoStore() throws Exception {
    Files.createFile(file);

    assertThatThrownBy(this::export).hasMessageContaining("there is nothing in it");
    assertThatThrownBy(() -> ParkedRows.open(file)).hasMessageContaining("there is nothing in it");
    assertThatThrownBy(() -> StoreBackup.write(file, out, LIMIT))
        .hasMessageContaining("there is nothing to copy");

    assertThat(file).isEmptyFile();
    assertThat(out).doesNotExist();
  }

  @Test
  void aFileOfTheReferenceIsToldFromAStore() throws Exception {
    ReferenceFile.create(file, ReferenceFile.NEWEST).close();

    assertThatThrownBy(this::export)
        .hasMessageContaining("is a file of the reference broker already");
    assertThatThrownBy(() -> ParkedRows.open(file))
        .hasMessageContaining("is a file of the reference broker already");
    assertThat(out).doesNotExist();
  }

  @Test
  void theStoreThatIsExportedStaysAsItIs() throws Exception {
    try (OtherProcess writer = OtherProcess.start("write", file)) {
      writer.line();
    }
    byte[] before = Files.readAllBytes(file);
    byte[] log = Files.readAllBytes(LogSync.of(file));

    export();

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(Files.readAllBytes(LogSync.of(file))).isEqualTo(log);
    assertThat(rows("SELECT count(*) FROM inflight_taskactivations")).isNotEqualTo(List.of("0"));
  }

  @Test
  void toolsLeaveNothingBesideTheStoreButWhatTheyWereAskedFor() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));
    Files.delete(folder.resolve("store.sqlite.lock")); // as after a restore from a backup

    export();
    ParkedRows.open(file).close();
    StoreBackup.write(file, folder.resolve("copy.sqlite"), LIMIT);

    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left)
          .extracting(path -> path.getFileName().toString())
          .containsExactlyInAnyOrder("store.sqlite", "out.sqlite", "copy.sqlite");
    }
  }

  @Test
  void theLockFileOfABrokerStays() throws Exception {
    storeWith(row(1, task("a"), Pending.STATE));

    export();

    assertThat(folder.resolve("store.sqlite.lock")).exists();
  }

  @Test
  void aBackupBesideAWritingBrokerHasWholeGroupsAndCanBeUsed() throws Exception {
    long said = 0;
    try (OtherProcess writer = OtherProcess.start("write", file)) {
      while (said < 200) {
        said = Long.parseLong(writer.line());
      }
      assertThat(StoreBackup.write(file, out, LIMIT)).isEqualTo(Files.size(out));
      assertThat(writer.line()).isNotBlank();
    }

    try (SqliteJournal copy = Groups.open(out)) {
      List<Long> keys = Groups.keys(copy);
      assertThat(keys.size()).isGreaterThanOrEqualTo((int) said).isEven();
      assertThat(copy.payloads(keys)).hasSize(keys.size());
    }
  }

  @Test
  void aBackupThatTakesTooLongIsGivenUp() throws Exception {
    try (SqliteJournal journal = Groups.open(file)) {
      for (int i = 0; i < 20; i++) {
        Groups.apply(journal, Groups.insertPending(i * 100L + 1, i * 100L + 100, 20_000));
      }
    }

    assertThatThrownBy(() -> StoreBackup.write(file, out, Duration.ZERO))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("not done within 0 s");
    assertThat(out).doesNotExist();
  }

  @Test
  void parkedRowsAreListed_retriedAndDropped() throws Exception {
    Partition origin = Activations.ORIGIN;
    storeWith(
        parked(1, task("big").at(origin, 1), AwaitingRetry.STATE, "too large"),
        parked(2, task("odd").at(origin, 2), Failed.STATE, "invalid"),
        parked(3, task("sad").at(origin, 3), Failed.STATE, "invalid"),
        row(4, task("fine"), Pending.STATE));

    try (ParkedRows rows = ParkedRows.open(file)) {
      assertThat(rows.list().getFirst())
          .isEqualTo(
              new Parked(
                  "big",
                  "retry",
                  "send_receipt",
                  "taskworker",
                  0,
                  1,
                  task("big").build().payloadBytes(),
                  "too large"));
      assertThat(rows.retry(List.of("big", "fine"))).isEqualTo(1);
      assertThat(rows.drop(List.of("odd", "fine"))).isEqualTo(1);
      assertThat(rows.list()).extracting(Parked::id).containsExactly("sad");
    }

    Map<String, StoredActivation> left = new HashMap<>();
    try (SqliteJournal journal = Groups.open(file)) {
      journal.load(_ -> {}, row -> left.put(row.activation().id(), row));
      assertThat(journal.payloads(List.of(1L, 2L, 3L, 4L))).containsOnlyKeys(1L, 3L, 4L);
    }
    assertThat(left.get("odd")).extracting(StoredActivation::state).isEqualTo(Completed.STATE);
    assertThat(left.get("big")).extracting(StoredActivation::parked).isNull();
    assertThat(left.get("fine")).extracting(StoredActivation::state).isEqualTo(Pending.STATE);
  }

  @Test
  void aParkedRowIsCalledByWhatKafkaHasRefused() throws Exception {
    Activation bad = Activation.badRecord(new Partition("t", 0), 1, 0, 0, 3, "not a task");
    storeWith(
        parked(1, task("retry"), AwaitingRetry.STATE, "too large"),
        parked(2, task("failure"), Failed.STATE, "too large"),
        new StoredActivation(3, bad, Failed.STATE, 0, RetryOverride.NONE, "too large"),
        parked(4, task("demoted"), new Claimed(DUE, ClaimPurpose.DEMOTION), "too large"));

    try (ParkedRows rows = ParkedRows.open(file)) {
      assertThat(rows.list())
          .extracting(Parked::leavesAs)
          .containsExactly("retry", "dead letter", "bad record", "demotion");
      assertThat(rows.drop(List.of("demoted"))).isEqualTo(1);
    }

    assertThat(
            rows(
                file, "SELECT status, due_at, claim_purpose, parked FROM activation WHERE key = 4"))
        .containsExactly("6|null|null|null");
  }

  @Test
  void parkedRowsAreDroppedTogether_orNoneOfThem() throws Exception {
    storeWith(
        parked(1, task("a"), Failed.STATE, "invalid"),
        parked(2, task("b"), Failed.STATE, "invalid"));
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TRIGGER no_b BEFORE UPDATE ON activation WHEN old.id = 'b'
          BEGIN SELECT raise(ABORT, 'as commanded'); END\
          """);
    }

    try (ParkedRows rows = ParkedRows.open(file)) {
      assertThatThrownBy(() -> rows.drop(List.of("a", "b")))
          .hasMessageContaining("Nothing in it was changed");
    }

    try (ParkedRows rows = ParkedRows.open(file)) {
      assertThat(rows.list()).extracting(Parked::id).containsExactly("a", "b");
    }
    assertThat(rows(file, "SELECT count(*) FROM payload")).containsExactly("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nfs", "nfs4", "cifs", "smb3", "fuse", "fuse.sshfs", "9p", "ceph"})
  void fileSystemsElsewhereAreKnown(String type) {
    assertThat(NetworkFileSystem.isRemote(type)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuseblk", "apfs"})
  void fileSystemsHereAreKnown(String type) {
    assertThat(NetworkFileSystem.isRemote(type)).isFalse();
  }

  private static Activations task(String id) {
    return Activations.pending(id);
  }

  private static Activations once(String id) {
    return task(id).atMostOnce();
  }

  private static StoredActivation overridden(long key, String id, RetryOverride override) {
    return new StoredActivation(key, task(id).build(), AwaitingRetry.STATE, 0, override, null);
  }

  private static StoredActivation row(long key, Activations task, ActivationState state) {
    return Groups.row(key, task, state);
  }

  private static StoredActivation parked(
      long key, Activations task, ActivationState state, String reason) {
    return new StoredActivation(key, task.build(), state, 0, RetryOverride.NONE, reason);
  }

  private ReferenceExport.Outcome export() {
    return new ReferenceExport(new PlainCodec()).write(file, out);
  }

  /** Kafka has acknowledged everything before offset 5. */
  private void storeWith(StoredActivation... rows) {
    Map<Long, byte[]> payloads = new HashMap<>();
    for (StoredActivation row : rows) {
      payloads.put(row.key(), ReferenceFile.payload(row.activation().id(), Delivery.AT_LEAST_ONCE));
    }
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(
          journal,
          new JournalGroup(
              new Changes(List.of(rows), List.of(), List.of(), Map.of(Activations.ORIGIN, 5L)),
              payloads));
    }
  }

  private List<String> rows(String sql) throws SQLException {
    return rows(out, sql);
  }

  private static List<String> rows(Path database, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          values.add(String.valueOf(rows.getObject(i)));
        }
        texts.add(String.join("|", values));
      }
      return texts;
    }
  }
}
