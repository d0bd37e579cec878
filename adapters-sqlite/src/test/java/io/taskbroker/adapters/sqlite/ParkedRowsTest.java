package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.ParkedStore.Parked;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators do with rows that Kafka has refused. */
@Timeout(300)
class ParkedRowsTest extends StoreFiles {
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
            rows(file, "SELECT status, due_at, claim_purpose, parked FROM progress WHERE key = 4"))
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
          CREATE TRIGGER no_b BEFORE UPDATE ON progress WHEN old.key = 2
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
}
