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
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Somebody looks at a snapshot for long, as a backup does, so that nothing dead can be removed. */
class HeldSnapshotTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final int ROWS_OF_A_GROUP = 100;
  private static final int MEASURED = 40;
  private static final int MEANWHILE = 400;

  /** Of one broker that writes many small groups: three for each task. */
  private static final int FEW_TASKS = 100;

  private static final int MANY_TASKS = 2_000;

  private final PostgresSettings settings = Databases.migrated();
  private final String database = settings.place().database();

  @Test
  void aTaskTakesAsManyPages_howeverManyRowsAreDead() throws SQLException {
    SERVER.run( // what it reads would count, too
        database,
        "ALTER TABLE taskbroker_task SET (autovacuum_enabled = off)",
        "ALTER TABLE taskbroker_payload SET (autovacuum_enabled = off)");
    work(MEASURED, ROWS_OF_A_GROUP);
    try (Connection holder = SERVER.connect(database);
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("SELECT pg_current_snapshot()");
      long few = pagesOf(MEASURED, ROWS_OF_A_GROUP);
      work(MEANWHILE, ROWS_OF_A_GROUP);
      long many = pagesOf(MEASURED, ROWS_OF_A_GROUP);

      assertThat(many)
          .as("pages for %d tasks, at first %d", MEASURED * ROWS_OF_A_GROUP, few)
          .isLessThan(few * 3 / 2);
    }
  }

  @Test
  void aGroupTakesAsManyPages_howeverManyItsBrokerHasWritten() throws SQLException {
    work(FEW_TASKS, 1);
    try (Connection holder = SERVER.connect(database);
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("SELECT pg_current_snapshot()");
      long few = pagesOf(FEW_TASKS, 1) / FEW_TASKS;
      long many = pagesOf(MANY_TASKS, 1) / MANY_TASKS;

      assertThat(many).as("pages for a task, at first %d", few).isLessThan(few * 3 / 2);
    }
  }

  /**
   * Pages of our tables and their indexes that the server touches for so many groups of so many
   * tasks, by one broker.
   */
  private long pagesOf(int times, int tasks) {
    long before = pages();
    work(times, tasks);
    return pages() - before;
  }

  private long pages() {
    return TouchedPages.of(SERVER, database, 1); // of the snapshot's holder
  }

  /** Stores, hands out and ends tasks. */
  private void work(int times, int tasks) {
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      long key = journal.custody().reserveKeys(times * tasks);
      long group = 0;
      for (int i = 0; i < times; i++) {
        List<Long> keys = LongStream.range(key, key + tasks).boxed().toList();
        key += tasks;
        apply(
            journal,
            insert(
                ++group,
                keys.stream().map(one -> pending(one, FIRST)).toArray(StoredActivation[]::new)));
        apply(
            journal,
            update(
                ++group,
                keys.stream()
                    .map(one -> row(one, FIRST, new Processing(new Moment(1_000, 0))))
                    .toArray(StoredActivation[]::new)));
        apply(
            journal,
            new JournalGroup(++group, new Changes(List.of(), List.of(), keys, Map.of()), Map.of()));
      }
    }
  }
}
