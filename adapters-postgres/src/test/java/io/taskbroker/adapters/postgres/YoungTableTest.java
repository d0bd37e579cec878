package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.row;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static io.taskbroker.adapters.postgres.SharedGroups.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Moment;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables that were analyzed while they had a row or three, as autovacuum may do once a minute, and
 * are full soon after: the server keeps the plans of a session until the next time.
 */
class YoungTableTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  /** After so many calls the server keeps a plan. */
  private static final int UNTIL_A_PLAN_IS_KEPT = 20;

  private static final int ROWS = 20_000;
  private static final int TOUCHED = 1_000;

  /**
   * Of tables and indexes, for one row that is touched; a whole table has four times that and more.
   */
  private static final long PAGES_OF_ONE = 40;

  /** For one row that comes in. */
  private static final long PAGES_OF_A_NEW_ONE = 20;

  private final PostgresSettings settings = Databases.migrated();
  private final String database = settings.place().database();

  private void analyzeWith(int few) throws SQLException {
    try (PostgresJournal journal = open("first")) {
      take(journal, FIRST);
      apply(journal, insert(1, rows(1, few)));
    }
    SERVER.run(
        database,
        "ALTER TABLE taskbroker_task SET (autovacuum_enabled = off)",
        "ALTER TABLE taskbroker_payload SET (autovacuum_enabled = off)",
        "VACUUM ANALYZE taskbroker_task",
        "VACUUM ANALYZE taskbroker_payload");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRowThatIsChangedTakesItsOwnPages(int few) throws SQLException {
    analyzeWith(few);
    long before = TouchedPages.of(SERVER, database, 0);
    try (PostgresJournal journal = open("one")) {
      take(journal, FIRST);
      long group = 0;
      for (int i = 0; i < UNTIL_A_PLAN_IS_KEPT; i++) {
        apply(journal, update(++group, handedOut(1)));
      }
      apply(journal, insert(++group, rows(few + 1, ROWS)));
      for (long key = ROWS; key > ROWS - TOUCHED; key--) {
        apply(journal, update(++group, handedOut(key)));
      }
    }

    assertThat(TouchedPages.of(SERVER, database, 0) - before)
        .isLessThan(ROWS * PAGES_OF_A_NEW_ONE + TOUCHED * PAGES_OF_ONE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aPayloadThatIsReadTakesItsOwnPages(int few) throws SQLException {
    analyzeWith(few);
    PostgresJournal reader = open("reader");
    try {
      for (int i = 0; i < UNTIL_A_PLAN_IS_KEPT; i++) {
        assertThat(reader.payloads(List.of(1L))).hasSize(1);
        assertThat(reader.largePayload(1)).isPresent();
      }
      long sessions = TouchedPages.sessions(SERVER, database);
      try (PostgresJournal writer = open("writer")) {
        take(writer, FIRST);
        apply(writer, insert(1, rows(few + 1, ROWS)));
      }
      long before = TouchedPages.of(SERVER, database, sessions);

      for (long key = ROWS; key > ROWS - TOUCHED; key--) {
        assertThat(reader.payloads(List.of(key))).hasSize(1);
        assertThat(reader.largePayload(key)).isPresent();
      }

      reader.close();
      assertThat(TouchedPages.of(SERVER, database, 0) - before)
          .isLessThan(2 * TOUCHED * PAGES_OF_ONE);
    } finally {
      reader.close();
    }
  }

  private PostgresJournal open(String broker) {
    return PostgresJournal.open(settings, broker, Databases.TIME);
  }

  private static StoredActivation[] rows(long first, long last) {
    return LongStream.rangeClosed(first, last)
        .mapToObj(key -> pending(key, FIRST))
        .toArray(StoredActivation[]::new);
  }

  private static StoredActivation handedOut(long key) {
    return row(key, FIRST, new Processing(new Moment(1_000, 0)));
  }
}
