package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.SECOND;
import static io.taskbroker.adapters.postgres.SharedGroups.acknowledge;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.row;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static io.taskbroker.adapters.postgres.SharedGroups.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.postgres.TaskColumns.Writable;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.StoredState;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** Of all tables and indexes that a beat looks at. */
  private static final long PAGES_OF_A_BEAT = 20;

  private static final long PAGES_OF_A_BLOCK = 20;

  private static final Pattern ROWS_AND_LOOPS =
      Pattern.compile("actual rows=([0-9.]+) loops=([0-9]+)");

  private final PostgresSettings settings = Databases.migrated();
  private final String database = settings.place().database();

  @Test
  void aTaskTakesAsManyPages_howeverManyRowsAreDead() throws SQLException {
    work(MEASURED, ROWS_OF_A_GROUP);
    try (Connection _ = holder()) {
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
    try (Connection _ = holder()) {
      long few = pagesOf(FEW_TASKS, 1) / FEW_TASKS;
      long many = pagesOf(MANY_TASKS, 1) / MANY_TASKS;

      assertThat(many).as("pages for a task, at first %d", few).isLessThan(few * 3 / 2);
    }
  }

  @Test
  void aSyncTakesAsManyPages_howeverMuchItsBrokerHasWritten() throws SQLException {
    try (Connection _ = holder()) {
      long few = pagesOf(() -> groups(FEW_TASKS, PostgresJournal::sync)) / FEW_TASKS;
      long many = pagesOf(() -> groups(MANY_TASKS, PostgresJournal::sync)) / MANY_TASKS;

      assertThat(many).as("pages for a group and a sync, at first %d", few).isLessThan(few * 2);
    }
  }

  @Test
  void aBeatTakesFewPages_howeverMuchIsDead() throws SQLException {
    try (Connection _ = holder()) {
      work(MEANWHILE, ROWS_OF_A_GROUP);
      groups(MANY_TASKS, _ -> {});
      groups(1, journal -> apply(journal, insert(2, rows(journal))));
      SERVER.run(database, "ANALYZE");

      assertThat(pagesOfOne(journal -> journal.custody().beat(Set.of(FIRST.topic()))))
          .as("pages for a beat")
          .isLessThan(PAGES_OF_A_BEAT);
    }
  }

  @Test
  void aBeatOfAnIdleBrokerTakesFewPages_howeverMuchOthersHaveWritten() throws SQLException {
    try (Connection _ = holder()) {
      long few = beatsOfAnIdleBroker(0);
      long many = beatsOfAnIdleBroker(MEASURED);

      assertThat((many - few) / MEASURED).as("pages for a beat").isLessThan(PAGES_OF_A_BEAT);
    }
  }

  /** Pages that these take, and the same work of another broker beside them. */
  private long beatsOfAnIdleBroker(int beats) {
    return pagesOf(
        () -> {
          try (PostgresJournal idle = PostgresJournal.open(settings, "idle", Databases.TIME)) {
            groups(MANY_TASKS, _ -> {});
            for (int i = 0; i < beats; i++) {
              var _ = idle.custody().beat(Set.of(FIRST.topic()));
            }
          }
        });
  }

  @Test
  void keysAreReservedInFewPages_howeverManyRowsAreDead() throws SQLException {
    try (Connection _ = holder()) {
      work(MEANWHILE, ROWS_OF_A_GROUP);

      assertThat(pagesOfOne(journal -> journal.custody().reserveKeys(1)))
          .as("pages for a block")
          .isLessThan(PAGES_OF_A_BLOCK);
    }
  }

  @Test
  void aPositionIsSaidInFewPages_howeverOftenOthersWere() throws SQLException {
    try (Connection _ = holder()) {
      SERVER.run(database, "ALTER TABLE taskbroker_custody SET (autovacuum_enabled = off)");
      long few = pagesOf(() -> positions(SECOND, FEW_TASKS)) / FEW_TASKS;
      positions(FIRST, MANY_TASKS);
      long many = pagesOf(() -> positions(SECOND, FEW_TASKS)) / FEW_TASKS;

      assertThat(many).as("pages for a position, at first %d", few).isLessThan(few * 2);
    }
  }

  private void positions(Partition partition, int times) {
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, partition);
      for (int group = 1; group <= times; group++) {
        apply(journal, acknowledge(group, Map.of(partition, (long) group)));
      }
    }
  }

  /** As statistics of such a table tell of next to no row, whatever a group changes. */
  @Test
  void theValuesOfAGroupAreReadOnce() throws SQLException {
    try (Connection _ = holder();
        PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME);
        Connection other = SERVER.connect(database)) {
      work(MEASURED, ROWS_OF_A_GROUP);
      take(journal, FIRST);
      SERVER.run(database, "ANALYZE");
      StoredActivation[] rows = rows(journal);
      apply(journal, insert(1, rows));

      assertThat(steps(other, List.of(rows))).isBetween(2L * ROWS_OF_A_GROUP, 6L * ROWS_OF_A_GROUP);
    }
  }

  private static StoredActivation[] rows(PostgresJournal journal) {
    long first = journal.custody().reserveKeys(ROWS_OF_A_GROUP);
    return LongStream.range(first, first + ROWS_OF_A_GROUP)
        .mapToObj(key -> pending(key, FIRST))
        .toArray(StoredActivation[]::new);
  }

  /** How many rows the parts of the plan give that changes these rows, as it would in a group. */
  private static long steps(Connection connection, List<StoredActivation> rows)
      throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement settings = connection.prepareStatement(GroupSection.SETTINGS.sql());
        PreparedStatement change =
            connection.prepareStatement(
                "EXPLAIN (ANALYZE, TIMING OFF) " + GroupSection.CHANGED_TASKS.sql())) {
      settings.setString(1, Membership.NOT_SYNCED);
      settings.execute();
      List<Writable> written =
          rows.stream()
              .map(row -> new Writable(row, 0, StoredState.of(row.state(), moment -> 0)))
              .toList();
      TaskColumns.KEY.bind(
          change, Column.bindAll(TaskColumns.UPDATED, change, 1, written), written);
      long steps = 0;
      try (ResultSet plan = change.executeQuery()) {
        while (plan.next()) {
          Matcher given = ROWS_AND_LOOPS.matcher(plan.getString(1));
          if (given.find()) {
            steps +=
                Math.round(Double.parseDouble(given.group(1)) * Long.parseLong(given.group(2)));
          }
        }
      }
      connection.rollback();
      return steps;
    }
  }

  /** A snapshot that is held until the connection is closed. */
  private Connection holder() throws SQLException {
    SERVER.run( // what it reads would count, too
        database,
        "ALTER TABLE taskbroker_task SET (autovacuum_enabled = off)",
        "ALTER TABLE taskbroker_payload SET (autovacuum_enabled = off)",
        "ALTER TABLE taskbroker_broker SET (autovacuum_enabled = off)");
    Connection holder = SERVER.connect(database);
    holder.setAutoCommit(false);
    holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (Statement statement = holder.createStatement()) {
      statement.execute("SELECT pg_current_snapshot()");
    }
    return holder;
  }

  /** Writes groups that change nothing but the number of the last one. */
  private void groups(int groups, Consumer<PostgresJournal> afterEach) {
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      for (int group = 1; group <= groups; group++) {
        apply(journal, new JournalGroup(group, Changes.NONE, Map.of()));
        afterEach.accept(journal);
      }
    }
  }

  /** Pages that a broker's request takes which changes nothing, on the average. */
  private long pagesOfOne(Consumer<PostgresJournal> request) {
    long none = pagesOf(() -> groups(1, _ -> {}));
    long some =
        pagesOf(
            () ->
                groups(
                    1,
                    journal -> {
                      for (int i = 0; i < MEASURED; i++) {
                        request.accept(journal);
                      }
                    }));
    return (some - none) / MEASURED;
  }

  private long pagesOf(Runnable work) {
    long before = pages();
    work.run();
    return pages() - before;
  }

  /**
   * Pages of our tables and their indexes that the server touches for so many groups of so many
   * tasks, by one broker.
   */
  private long pagesOf(int times, int tasks) {
    return pagesOf(() -> work(times, tasks));
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
