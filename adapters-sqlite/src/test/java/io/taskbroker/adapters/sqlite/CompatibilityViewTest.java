package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and tools read beside the broker. */
class CompatibilityViewTest {
  private static final String UUID = "f81d4fae7dec11d0a76500a0c91e6bf6";

  @TempDir Path folder;

  @Test
  void theColumnsAreThoseOfTheReference_inItsOrder() throws Exception {
    assertThat(view(Groups.pending(1)).getFirst().keySet())
        .containsExactly(
            "id",
            "activation",
            "partition",
            "offset",
            "added_at",
            "processing_attempts",
            "expires_at",
            "processing_deadline_duration",
            "processing_deadline",
            "status",
            "at_most_once",
            "namespace",
            "delay_until",
            "on_attempts_exceeded",
            "received_at",
            "taskname",
            "application",
            "bucket",
            "claim_expires_at");
  }

  @Test
  void timesAreWholeSecondsRoundedDown() throws Exception {
    StoredActivation row =
        Groups.row(
            1,
            Activations.pending(UUID)
                .at(new Partition("taskworker", 7), 42)
                .receivedAt(-1)
                .addedAt(1_999)
                .expiresAt(3_001)
                .delayUntil(-2_000)
                .atMostOnce()
                .onAttemptsExceeded(OnAttemptsExceeded.DEAD_LETTER),
            Pending.STATE);

    assertThat(view(row).getFirst())
        .containsEntry("id", UUID)
        .containsEntry("partition", 7)
        .containsEntry("offset", 42)
        .containsEntry("received_at", -1)
        .containsEntry("added_at", 1)
        .containsEntry("expires_at", 3)
        .containsEntry("delay_until", -2)
        .containsEntry("processing_attempts", 0)
        .containsEntry("processing_deadline_duration", 10)
        .containsEntry("at_most_once", 1)
        .containsEntry("on_attempts_exceeded", 2)
        .containsEntry("application", "shop")
        .containsEntry("namespace", "orders")
        .containsEntry("taskname", "send_receipt")
        .containsEntry("bucket", 246)
        .containsEntry("activation", "[3 bytes]");
  }

  @Test
  void statusesHaveTheirNames_andDeadlinesAndLeasesAreWhereTheyApply() throws Exception {
    List<Map<String, @Nullable Object>> rows =
        view(
            Groups.row(1, Activations.pending("a"), new Delayed(5_999)),
            Groups.pending(2),
            Groups.row(
                3, Activations.pending("c"), new Claimed(new Moment(7_999, 1), ClaimPurpose.PUSH)),
            Groups.row(4, Activations.pending("d"), new Processing(new Moment(9_001, 1))),
            Groups.row(5, Activations.pending("e"), AwaitingRetry.STATE),
            Groups.row(6, Activations.pending("f").deadLettered(), Failed.STATE),
            Groups.row(7, Activations.pending("kept for operators"), Failed.STATE));

    assertThat(rows)
        .extracting(row -> row.get("status"))
        .containsExactly("Delay", "Pending", "Claimed", "Processing", "Retry", "Failure");
    assertThat(rows)
        .extracting(row -> row.get("claim_expires_at"))
        .containsExactly(null, null, 7, null, null, null);
    assertThat(rows)
        .extracting(row -> row.get("processing_deadline"))
        .containsExactly(null, null, null, 9, null, null);
  }

  @Test
  void badRecordsAndFinishedOnesAreNotShown() throws Exception {
    Activation bad = Activation.badRecord(new Partition("t", 0), 1, 0, 0, 3, "not a task");

    assertThat(
            view(
                new StoredActivation(1, bad, Failed.STATE, 0, RetryOverride.NONE, null),
                Groups.row(2, Activations.pending("over"), Completed.STATE),
                Groups.pending(3)))
        .extracting(row -> row.get("id"))
        .containsExactly("id-3");
  }

  private List<Map<String, @Nullable Object>> view(StoredActivation... rows) throws SQLException {
    Path file = folder.resolve("store.sqlite");
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(journal, Groups.insert(3, rows));
      try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = reader.createStatement();
          ResultSet answer = statement.executeQuery("SELECT * FROM inflight_taskactivations")) {
        return read(answer);
      }
    }
  }

  private static List<Map<String, @Nullable Object>> read(ResultSet answer) throws SQLException {
    ResultSetMetaData columns = answer.getMetaData();
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    while (answer.next()) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        Object value = answer.getObject(i);
        row.put(
            columns.getColumnName(i),
            value instanceof byte[] bytes ? "[" + bytes.length + " bytes]" : value);
      }
      rows.add(row);
    }
    return rows;
  }
}
