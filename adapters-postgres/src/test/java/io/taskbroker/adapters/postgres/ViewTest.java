package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Moment;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What other programs see of the tasks. */
class ViewTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  private final PostgresSettings settings = Databases.migrated();
  private final PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME);

  @BeforeEach
  void store() {
    SharedGroups.take(journal, FIRST);
    List<ActivationState> states =
        List.of(
            Pending.STATE,
            new Claimed(new Moment(1_800_000_000_000L, 0), ClaimPurpose.PUSH),
            new Processing(new Moment(1_800_000_001_000L, 0)),
            new Delayed(Long.MAX_VALUE),
            Completed.STATE,
            Failed.STATE);
    for (int i = 0; i < states.size(); i++) {
      SharedGroups.apply(
          journal, SharedGroups.insert(i + 1L, SharedGroups.row(i + 1L, FIRST, states.get(i))));
    }
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private List<String> ask(String query) {
    return SERVER.ask(settings.place().database(), query);
  }

  @Test
  void theQuestionsOfTheReferencesReadersAreAnswered() {
    assertThat(ask("SELECT count(*) FROM inflight_taskactivations")).containsExactly("4");
    assertThat(
            ask(
                "SELECT status || count(*) FROM inflight_taskactivations GROUP BY status ORDER BY"
                    + " 1"))
        .containsExactly("Claimed1", "Delay1", "Pending1", "Processing1");
    assertThat(ask("SELECT id FROM inflight_taskactivations WHERE status = 'Processing'"))
        .containsExactly("id-3");
  }

  @Test
  void itHasTheReferencesColumns_inItsOrder() {
    assertThat(
            ask(
                """
                SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
                 WHERE attrelid = 'inflight_taskactivations'::regclass AND attnum > 0
                 ORDER BY attnum\
                """))
        .containsExactly(
            "id text",
            "activation bytea",
            "partition integer",
            "kafka_offset bigint",
            "added_at timestamp with time zone",
            "received_at timestamp with time zone",
            "processing_attempts integer",
            "expires_at timestamp with time zone",
            "delay_until timestamp with time zone",
            "processing_deadline_duration integer",
            "processing_deadline timestamp with time zone",
            "status text",
            "at_most_once boolean",
            "application text",
            "namespace text",
            "taskname text",
            "on_attempts_exceeded integer",
            "bucket smallint",
            "claim_expires_at timestamp with time zone",
            "topic text");
  }

  @Test
  void aTimeIsThereWhereItHasAMeaning() {
    assertThat(
            ask(
                """
                SELECT id || ': ' || concat_ws(' ',
                         extract(epoch FROM processing_deadline)::int8,
                         extract(epoch FROM claim_expires_at)::int8,
                         extract(epoch FROM expires_at)::int8,
                         extract(epoch FROM delay_until)::int8)
                  FROM inflight_taskactivations ORDER BY id\
                """))
        .containsExactly("id-1: ", "id-2: 1800000000", "id-3: 1800000001", "id-4: ");
    assertThat(
            ask(
                "SELECT encode(activation, 'escape') || topic || partition FROM"
                    + " inflight_taskactivations WHERE id = 'id-1'"))
        .containsExactly("payload of 1tasks0");
  }

  @Test
  void countingLooksAtNoPayload() {
    assertThat(ask("EXPLAIN SELECT status, count(*) FROM inflight_taskactivations GROUP BY status"))
        .noneMatch(line -> line.contains("taskbroker_payload"));
  }
}
