package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.adapters.sqlite.upstream.ReferenceExport;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFile;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFiles;
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
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
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
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way back: a store's file as one of the reference. */
@Timeout(300)
class ReferenceExportTest extends StoreFiles {
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
}
