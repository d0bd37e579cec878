package io.taskbroker.adapters.sqlite.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.sqlite.LogSync;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.adapters.sqlite.UnusableFileException;
import io.taskbroker.adapters.sqlite.upstream.ReferenceImport.Step;
import io.taskbroker.application.EventSink;
import io.taskbroker.domain.Activation;
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
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the reference broker become stores of ours. */
class ReferenceImportTest {
  private static final long ADDED_AT = ReferenceFile.ADDED_AT;
  private static final String TOPIC = "taskworker";
  private static final Partition ORIGIN = new Partition(TOPIC, 3);

  @TempDir Path folder;
  private Path file;

  /** What a store holds. */
  private record Content(
      Map<String, StoredActivation> rows,
      List<String> order,
      Map<Partition, Long> positions,
      Map<Long, byte[]> payloads) {
    StoredActivation row(String id) {
      StoredActivation row = rows.get(id);
      if (row == null) {
        throw new AssertionError(id + " is not among " + rows.keySet());
      }
      return row;
    }
  }

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("store.sqlite");
  }

  @ParameterizedTest(name = "migration {0}")
  @DisplayName("19.22, ours: a file of any migration is imported with the rows of every state kept")
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void rowsInEveryState_ofEachMigration(int migration) throws Exception {
    try (ReferenceFile reference = ReferenceFile.create(file, migration)) {
      reference.oneOfEach(migration);
    }

    Content content = importAndRead();

    assertThat(content.row("pending").state()).isEqualTo(Pending.STATE);
    assertThat(content.row("processing").state())
        .isEqualTo(new Processing(new Moment((ADDED_AT + 30) * 1_000, 0)));
    assertThat(content.row("retry").state()).isEqualTo(AwaitingRetry.STATE);
    assertThat(content.row("failure").state()).isEqualTo(Failed.STATE);
    assertThat(content.row("complete").state()).isEqualTo(Completed.STATE);
    if (migration >= 2) {
      assertThat(content.row("delay").state()).isEqualTo(new Delayed((ADDED_AT + 60) * 1_000));
    }
    if (migration >= 6) {
      assertThat(content.row("claimed").state())
          .isEqualTo(new Claimed(new Moment((ADDED_AT + 10) * 1_000, 0), ClaimPurpose.PUSH));
    }
    StoredActivation pending = content.row("pending");
    assertThat(pending.activation())
        .isEqualTo(
            new Activation(
                "pending",
                "shop",
                "orders",
                "send_receipt",
                ORIGIN,
                7,
                ADDED_AT * 1_000 - 500,
                ADDED_AT * 1_000,
                null,
                null,
                10,
                Delivery.AT_LEAST_ONCE,
                OnAttemptsExceeded.DEAD_LETTER,
                ReferenceFile.payload("pending", Delivery.AT_LEAST_ONCE).length,
                null));
    assertThat(content.payloads().get(pending.key()))
        .isEqualTo(ReferenceFile.payload("pending", Delivery.AT_LEAST_ONCE));
    assertThat(content.payloads()).doesNotContainKey(content.row("complete").key());
  }

  @Test
  @DisplayName("19.22: what rows of migration 1 lack is taken from their payloads")
  void anUpgradedFileKnowsWhatItsOlderRowsLack() throws Exception {
    try (ReferenceFile reference = ReferenceFile.create(file, 1)) {
      reference.row("old", "Failure").insert();
      for (int version = 2; version <= ReferenceFile.NEWEST; version++) {
        reference.migrateTo(version);
      }
    }

    Activation old = importAndRead().row("old").activation();

    assertThat(old.taskname()).isEqualTo("send_receipt");
    assertThat(old.application()).isEqualTo("shop");
    assertThat(old.onAttemptsExceeded()).isEqualTo(OnAttemptsExceeded.DEAD_LETTER);
    assertThat(old.receivedAtMs()).isEqualTo(ADDED_AT * 1_000 - 500);
  }

  @Test
  void whatTheReferenceDecidedStays() throws Exception {
    try (ReferenceFile reference = create()) {
      reference
          .row("a", "Delay")
          .with("expires_at", ADDED_AT + 9)
          .with("delay_until", ADDED_AT + 5)
          .with("processing_attempts", 4)
          .insert();
    }

    StoredActivation row = importAndRead().row("a");

    assertThat(row.attempts()).isEqualTo(4);
    assertThat(row.activation().expiresAtMs()).isEqualTo((ADDED_AT + 9) * 1_000);
    assertThat(row.activation().delayUntilMs()).isEqualTo((ADDED_AT + 5) * 1_000);
  }

  @Test
  void aDelayThatOnlyThePayloadKnowsIsKept() throws Exception {
    byte[] payload = PlainTask.of(Activations.delayed("a", 7_000).build(), new byte[0]).encode();
    try (ReferenceFile reference = ReferenceFile.create(file, 1)) {
      reference.row("a", "Pending").with("activation", payload).insert();
    }

    assertThat(importAndRead().row("a").activation().delayUntilMs()).isEqualTo(7_000);
  }

  @Test
  void whatAPayloadLeavesOpenComesFromTheColumns() throws Exception {
    try (ReferenceFile reference = create()) {
      for (long receivedAt : new long[] {0, ADDED_AT - 3}) {
        String id = "received-at-" + receivedAt;
        reference
            .row(id, "Pending")
            .with("activation", payloadOfNothingBut(id))
            .with("application", "shop")
            .with("taskname", "send_receipt")
            .with("processing_deadline_duration", 44)
            .with("on_attempts_exceeded", 2)
            .with("received_at", receivedAt)
            .insert();
      }
    }

    Content content = importAndRead();

    Activation activation = content.row("received-at-" + (ADDED_AT - 3)).activation();
    assertThat(activation)
        .returns("shop", Activation::application)
        .returns("orders", Activation::namespace)
        .returns("send_receipt", Activation::taskname)
        .returns(44, Activation::processingDeadlineSec)
        .returns(OnAttemptsExceeded.DEAD_LETTER, Activation::onAttemptsExceeded)
        .returns((ADDED_AT - 3) * 1_000, Activation::receivedAtMs);
    assertThat(content.row("received-at-0").activation().receivedAtMs())
        .isEqualTo(ADDED_AT * 1_000);
  }

  @Test
  void whatRunsAtMostOnceForEitherOfThemDoes() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("for-the-column", "Pending").with("at_most_once", 1).insert();
      reference
          .row("for-the-payload", "Pending")
          .with("activation", ReferenceFile.payload("for-the-payload", Delivery.AT_MOST_ONCE))
          .insert();
    }

    assertThat(importAndRead().rows().values())
        .hasSize(2)
        .allMatch(row -> row.activation().isAtMostOnce());
  }

  @Test
  void anEndThatIsNotKnownHasCome() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("delay", "Delay").insert();
      reference.row("claimed", "Claimed").insert();
      reference.row("processing", "Processing").insert();
    }

    Content content = importAndRead();

    assertThat(content.row("delay").state()).isEqualTo(Pending.STATE);
    assertThat(content.row("claimed").state())
        .isEqualTo(new Claimed(new Moment(0, 0), ClaimPurpose.PUSH));
    assertThat(content.row("processing").state()).isEqualTo(new Processing(new Moment(0, 0)));
  }

  @Test
  void theOrderOfArrivalStays() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("late", "Pending").with("added_at", ADDED_AT + 2).insert();
      reference.row("z-first-of-its-second", "Pending").with("added_at", ADDED_AT).insert();
      reference.row("a-second-of-its-second", "Pending").with("added_at", ADDED_AT).insert();
    }

    assertThat(importAndRead().order())
        .containsExactly("z-first-of-its-second", "a-second-of-its-second", "late");
  }

  @Test
  void manyRowsComeOver() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.sql("BEGIN");
      for (int i = 0; i < 1_234; i++) {
        reference.row("id-" + i, "Pending").at(i % 4, i).insert();
      }
      reference.sql("COMMIT");
    }

    Content content = importAndRead();

    assertThat(content.rows()).hasSize(1_234);
    assertThat(content.payloads()).hasSize(1_234);
    assertThat(content.positions())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                new Partition(TOPIC, 0), 1_233L,
                new Partition(TOPIC, 1), 1_234L,
                new Partition(TOPIC, 2), 1_231L,
                new Partition(TOPIC, 3), 1_232L));
  }

  @Test
  void atMostOnceTasksThatMayHaveRunHaveFailed() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("fresh", "Pending").atMostOnce().insert();
      reference.row("pushed", "Pending").atMostOnce().with("claim_expires_at", 5).insert();
      reference.row("begun", "Pending").atMostOnce().with("processing_deadline", 5).insert();
      reference.row("tried", "Pending").atMostOnce().with("processing_attempts", 1).insert();
      reference.row("any", "Pending").with("claim_expires_at", 5).insert();
      reference.row("retry", "Retry").atMostOnce().insert();
    }

    Content content = importAndRead();

    assertThat(content.row("fresh").state()).isEqualTo(Pending.STATE);
    assertThat(content.row("any").state()).isEqualTo(Pending.STATE);
    assertThat(content.row("retry").state()).isEqualTo(AwaitingRetry.STATE);
    for (String id : List.of("pushed", "begun", "tried")) {
      assertThat(content.row(id).state()).as(id).isEqualTo(Failed.STATE);
    }
  }

  @Test
  void afterAKillOnlyOlderRowsCountAsCommitted() throws Exception {
    killed(
        reference -> {
          reference.row("old", "Pending").at(3, 10).with("added_at", ADDED_AT - 60).insert();
          reference.row("young", "Pending").at(3, 11).with("added_at", ADDED_AT - 59).insert();
          reference.row("retry", "Retry").atMostOnce().at(3, 12).insert();
          reference.row("any-retry", "Retry").at(3, 13).insert();
        });

    Content content = importAndRead();

    assertThat(content.positions()).containsExactly(Map.entry(ORIGIN, 11L));
    assertThat(content.row("retry").state()).isEqualTo(Failed.STATE);
    assertThat(content.row("any-retry").state()).isEqualTo(AwaitingRetry.STATE);
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void thatItWasKilledIsKnownAlsoAfterACrashOfTheImport(Step crash) throws Exception {
    killed(reference -> reference.row("young", "Pending").insert());

    crashAfter(file, crash);

    assertThat(importAndRead().positions()).isEmpty();
    assertThat(names()).noneMatch(name -> name.endsWith(".killed") || name.contains(".new"));
  }

  @Test
  void rowsThatNoWorkerCouldTakeBecomeBadRecords() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("odd", "Sleeping").insert();
      reference.row("junk", "Pending").with("activation", new byte[] {9}).insert();
      reference
          .row("other", "Pending")
          .with("activation", ReferenceFile.payload("another", Delivery.AT_LEAST_ONCE))
          .insert();
    }

    Content content = importAndRead();

    assertThat(content.rows().values())
        .allMatch(row -> row.activation().isBadRecord())
        .allMatch(row -> row.state().equals(Failed.STATE))
        .extracting(row -> row.activation().defect())
        .containsExactlyInAnyOrder(
            "row 'odd' of an imported file: its status 'Sleeping' is not known",
            "row 'junk' of an imported file: the value is no task",
            "row 'other' of an imported file: its payload is that of another task, 'another'");
    assertThat(content.payloads()).hasSize(3);
  }

  @Test
  void aBadRecordThatIsOverStaysSo() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("junk", "Complete").with("activation", new byte[] {9}).insert();
    }

    assertThat(importAndRead().rows().values())
        .allMatch(row -> row.activation().isBadRecord())
        .extracting(StoredActivation::state)
        .containsExactly(Completed.STATE);
  }

  @Test
  void ofAnEndlessIdTheBeginningIsShown() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("x".repeat(101), "Pending").with("activation", new byte[] {9}).insert();
    }

    assertThat(importAndRead().rows().values())
        .extracting(row -> row.activation().defect())
        .containsExactly(
            "row '%s…' of an imported file: the value is no task".formatted("x".repeat(100)));
  }

  @Test
  void extremeNumbersAreCutToWhatCanBeKept() throws Exception {
    try (ReferenceFile reference = create()) {
      reference
          .row("a", "Processing")
          .at(3, Long.MAX_VALUE)
          .with("partition", Long.MAX_VALUE)
          .with("added_at", Long.MIN_VALUE)
          .with("expires_at", Long.MAX_VALUE)
          .with("processing_deadline", Long.MAX_VALUE)
          .with("processing_attempts", Long.MAX_VALUE)
          .insert();
    }

    StoredActivation row = importAndRead().row("a");

    assertThat(row.attempts()).isEqualTo(Integer.MAX_VALUE);
    assertThat(row.activation().partition().number()).isEqualTo(Integer.MAX_VALUE);
    assertThat(row.activation().expiresAtMs()).isGreaterThan(0);
  }

  @Test
  void theOriginalIsKept_andNeverOverwritten() throws Exception {
    createWith("first");
    importAndRead();
    Files.delete(file);
    createWith("second");

    importAndRead();

    assertThat(idsOf(folder.resolve("store.sqlite.reference"))).containsExactly("first");
    assertThat(idsOf(folder.resolve("store.sqlite.reference.2"))).containsExactly("second");
    assertThat(importAndRead().rows()).containsOnlyKeys("second");
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void afterACrashAtAnyStepTheNextStartGoesOn(Step crash) throws Exception {
    try (ReferenceFile reference = create()) {
      reference.oneOfEach(ReferenceFile.NEWEST);
    }

    crashAfter(file, crash);
    Content content = importAndRead();

    assertThat(content.rows()).hasSize(7);
    assertThat(names())
        .containsExactlyInAnyOrder("store.sqlite", "store.sqlite.lock", "store.sqlite.reference");
    assertThat(idsOf(folder.resolve("store.sqlite.reference"))).hasSize(7);
  }

  @Test
  void whileAnotherProgramHasItOpenNothingHappens() throws Exception {
    try (ReferenceFile reference = create()) {
      reference.row("a", "Pending").insert();

      assertThatThrownBy(this::importAndRead)
          .isInstanceOf(UnusableFileException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("while another program has it open")
          .hasMessageContaining("End that program");

      reference.row("b", "Pending").insert();
    }
    assertThat(idsOf(file)).containsExactlyInAnyOrder("a", "b");
    assertThat(names()).noneMatch(name -> name.endsWith(".reference"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"END_NOTED", "IN_PLACE"})
  void whileItIsImportedNobodyElseGetsIn(Step meanwhile) throws Exception {
    createWith("a");
    List<String> told = new ArrayList<>();
    Consumer<Step> intruder =
        step -> {
          if (step == meanwhile) {
            assertThatThrownBy(() -> ids("jdbc:sqlite:" + file + "?busy_timeout=0"))
                .hasMessageContaining("locked");
            told.add(step.name());
          }
        };

    new ReferenceImport(file, settings(), 0, intruder).run();

    assertThat(told).containsExactly(meanwhile.name());
  }

  @Test
  void whatHasBecomeOfTheRowsIsSaid() throws Exception {
    killed(
        reference -> {
          reference.row("a", "Pending").insert();
          reference.row("waits", "Pending").atMostOnce().insert();
          reference.row("delayed", "Delay").atMostOnce().with("delay_until", 5).insert();
          reference.row("over", "Complete").atMostOnce().insert();
          reference.row("failed", "Failure").insert();
          reference.row("tried", "Pending").atMostOnce().with("processing_attempts", 1).insert();
          reference.row("junk", "Pending").with("activation", new byte[] {9}).insert();
        });

    try (var log = new CapturedLog("taskbroker::store")) {
      importAndRead();

      assertThat(log.lines())
          .contains(
              "Imported 7 rows of the reference broker into %1$s (1 delay, 2 pending, 3 failure, 1 complete). The original is kept as %1$s.reference; remove it once you do not want to go back"
                  .formatted(file),
              "1 imported at-most-once tasks may have run already and have failed",
              "1 imported rows are no tasks that a worker could take; they go to the dead-letter"
                  + " topic with the reason in a header",
              "The reference broker was not stopped in order. 2 at-most-once tasks of its last"
                  + " minute run only if their records come to this broker again");
    }
  }

  @Test
  void whatAnImportLeftBesideAWholeStoreIsRemoved() throws Exception {
    createWith("a");
    importAndRead();
    for (String remains : List.of(".new", ".new-journal", ".killed")) {
      Files.writeString(folder.resolve("store.sqlite" + remains), "half of something");
    }

    assertThat(importAndRead().rows()).containsOnlyKeys("a");

    assertThat(names())
        .containsExactlyInAnyOrder("store.sqlite", "store.sqlite.lock", "store.sqlite.reference");
  }

  @Test
  void aLogThatTheReferenceLeftIsNotLost() throws Exception {
    killed(reference -> reference.row("in-the-log", "Pending").insert());

    assertThat(importAndRead().rows()).containsOnlyKeys("in-the-log");
  }

  /** Its payload names no more than it has to, as one may that a later producer writes. */
  private static byte[] payloadOfNothingBut(String id) {
    return new PlainTask(
            id,
            "",
            "",
            "",
            SettableTime.START.wallMs(),
            null,
            null,
            0,
            Delivery.AT_LEAST_ONCE,
            OnAttemptsExceeded.UNSPECIFIED,
            0,
            null,
            null,
            new byte[0])
        .encode();
  }

  private interface Filling {
    void into(ReferenceFile reference) throws SQLException;
  }

  /** Makes a file, and copies it with its log while it is open: what a killed broker leaves. */
  private void killed(Filling filling) throws Exception {
    Path open = Files.createDirectory(folder.resolve("open")).resolve("store.sqlite");
    try (ReferenceFile reference = ReferenceFile.create(open, ReferenceFile.NEWEST)) {
      filling.into(reference);
      Files.copy(open, file);
      Files.copy(LogSync.of(open), LogSync.of(file));
    }
  }

  private ReferenceFile create() throws SQLException {
    return ReferenceFile.create(file, ReferenceFile.NEWEST);
  }

  private void createWith(String id) throws SQLException {
    try (ReferenceFile reference = create()) {
      reference.row(id, "Pending").insert();
    }
  }

  /** Imports up to a step, and leaves the folder as it is then. */
  private static void crashAfter(Path original, Step crash) {
    ReferenceImport importing =
        new ReferenceImport(
            original,
            settings(),
            0,
            step -> {
              if (step == crash) {
                throw new Crash();
              }
            });
    assertThatThrownBy(importing::run).isInstanceOf(Crash.class);
  }

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static ImportSettings settings() {
    return new ImportSettings(TOPIC, new PlainCodec());
  }

  private Content importAndRead() {
    Map<String, StoredActivation> rows = new LinkedHashMap<>();
    Map<Partition, Long> positions = new HashMap<>();
    try (SqliteJournal journal =
        SqliteJournal.open(
            new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES),
            new SettableTime(),
            EventSink.none(),
            new ReferenceFiles(settings()))) {
      journal.load(positions::putAll, row -> rows.put(row.activation().id(), row));
      return new Content(
          rows,
          List.copyOf(rows.keySet()),
          positions,
          journal.payloads(rows.values().stream().map(StoredActivation::key).toList()));
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.filter(Files::isRegularFile).map(path -> path.getFileName().toString()).toList();
    }
  }

  private static List<String> idsOf(Path database) throws SQLException {
    return ids("jdbc:sqlite:" + database);
  }

  private static List<String> ids(String database) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM inflight_taskactivations")) {
      Stream.Builder<String> ids = Stream.builder();
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
      return ids.build().toList();
    }
  }
}
