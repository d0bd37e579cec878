package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.taskbroker.application.upkeep.ActivationEncoder;
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
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Custody.Free;
import io.taskbroker.inflight.Elsewhere.Report;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.log.CapturedLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A database in which getsentry/taskbroker has left tasks. */
class ReferenceTableTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final Partition HERE = new Partition("tasks", 3);

  /** Its layout after all of its migrations. */
  static final String TABLE =
      """
      CREATE TABLE inflight_taskactivations (
        id text NOT NULL PRIMARY KEY, activation bytea NOT NULL, partition integer NOT NULL,
        kafka_offset bigint NOT NULL, added_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL, processing_attempts integer NOT NULL,
        expires_at timestamptz, delay_until timestamptz,
        processing_deadline_duration integer NOT NULL, processing_deadline timestamptz,
        status text NOT NULL, at_most_once boolean NOT NULL DEFAULT false,
        application text NOT NULL, namespace text NOT NULL, taskname text NOT NULL,
        on_attempts_exceeded integer NOT NULL DEFAULT 1, bucket smallint NOT NULL DEFAULT 0,
        claim_expires_at timestamptz, topic text NOT NULL DEFAULT '')\
      """;

  private final PostgresSettings settings = Databases.empty();
  private final String database = settings.place().database();

  @BeforeEach
  void createTable() {
    SERVER.run(database, TABLE);
  }

  /** One row of the reference's; those that come later are younger. */
  private void left(int number, String status, boolean atMostOnce, String columns, String values) {
    SERVER.run(
        database,
        """
        INSERT INTO inflight_taskactivations (
          id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
          processing_deadline_duration, status, at_most_once, application, namespace, taskname,
          on_attempts_exceeded, bucket, topic%s)
        VALUES ('t%d', '\\x0%d', 3, %d, to_timestamp(1700000000.123 + %d), to_timestamp(1600000000),
          0, 30, '%s', %s, 'app', 'ns', 'task', 2, 7, 'tasks'%s)\
        """
            .formatted(columns, number, number, number, number, status, atMostOnce, values));
  }

  @Test
  void itsRowsAreTakenOverWithTheirPartition() {
    left(1, "Pending", false, "", "");
    left(2, "Delay", false, ", delay_until", ", to_timestamp(1900000000)");
    left(3, "Claimed", true, ", claim_expires_at", ", to_timestamp(1600000000.5)");
    left(4, "Processing", false, ", processing_deadline", ", to_timestamp(1600000001)");
    left(5, "Retry", false, "", "");
    left(6, "Failure", false, "", "");
    left(7, "Complete", false, "", "");
    left(8, "Pending", true, ", claim_expires_at", ", to_timestamp(1700000001)");
    left(9, "Surprise", false, "", "");
    new Migrations(settings, Databases.TIME, _ -> {}).run();

    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.takeOver(journal, HERE);

      Map<String, ActivationState> states = new LinkedHashMap<>();
      for (StoredActivation row : journal.custody().page(HERE, 0, 100)) {
        states.put(row.activation().id(), row.state());
      }
      assertThat(states)
          .containsExactly(
              Map.entry("t1", Pending.STATE),
              Map.entry("t2", new Delayed(1_900_000_000_000L)),
              Map.entry("t3", new Claimed(new Moment(1_600_000_000_500L, 0), ClaimPurpose.PUSH)),
              Map.entry("t4", new Processing(new Moment(1_600_000_001_000L, 0))),
              Map.entry("t5", AwaitingRetry.STATE),
              Map.entry("t6", Failed.STATE),
              Map.entry("t7", Completed.STATE),
              Map.entry("t8", Failed.STATE),
              Map.entry("t9", Failed.STATE));
      StoredActivation first = journal.custody().page(HERE, 0, 1).getFirst();
      assertThat(first.activation().partition()).isEqualTo(HERE);
      assertThat(first.activation().offset()).isEqualTo(1);
      assertThat(first.activation().addedAtMs()).isEqualTo(1_700_000_001_123L);
      assertThat(first.activation().processingDeadlineSec()).isEqualTo(30);
      assertThat(first.activation().onAttemptsExceeded()).isEqualTo(OnAttemptsExceeded.DEAD_LETTER);
      assertThat(journal.payloads(List.of(first.key()))).containsEntry(first.key(), new byte[] {1});
      assertThat(journal.custody().reserveKeys(10_000))
          .as("above what was moved")
          .isGreaterThan(first.key() + 8);
      assertThat(journal.custody().page(HERE, 0, 100).getLast().activation().isBadRecord())
          .isTrue();
    }
    assertThat(SERVER.ask(database, "SELECT count(*) FROM inflight_taskactivations"))
        .containsExactly("0");
  }

  // ---------------------------------------------------------------- beside its brokers

  private static final String LATER = "to_timestamp(4000000000)";

  @Test
  void whatAWorkerHasStays_untilAReportEndsIt() {
    left(1, "Processing", false, ", processing_deadline", ", " + LATER);
    left(2, "Claimed", true, ", claim_expires_at", ", " + LATER);
    left(3, "Pending", false, "", "");
    left(4, "Processing", false, ", processing_deadline", ", " + LATER);
    left(5, "Complete", false, "", "");
    new Migrations(settings, Databases.TIME, _ -> {}).run();

    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.take(journal, HERE);
      assertThat(journal.custody().late(List.of(HERE)))
          .extracting(row -> row.activation().id())
          .containsExactly("t3", "t5");
      assertThat(journal.custody().late(List.of(HERE))).isEmpty();

      assertThat(
              journal
                  .elsewhere()
                  .leave(
                      List.of(
                          report("t1", Conclusion.COMPLETE),
                          report("t2", Conclusion.FAILURE),
                          report("t9", Conclusion.COMPLETE))))
          .containsExactly(true, true, false);

      assertThat(journal.elsewhere().leave(List.of(report("t1", Conclusion.FAILURE))))
          .as("the first report counts")
          .containsExactly(false);
      List<StoredActivation> late = journal.custody().late(List.of(HERE));
      assertThat(late)
          .extracting(row -> row.activation().id(), StoredActivation::state)
          .containsExactly(tuple("t1", Completed.STATE), tuple("t2", Failed.STATE));
      assertThat(late.getFirst().key())
          .isGreaterThan(journal.custody().page(HERE, 0, 2).getLast().key());
      assertThat(journal.custody().late(List.of(HERE))).as("each once").isEmpty();
    }
    assertThat(SERVER.ask(database, "SELECT id FROM inflight_taskactivations"))
        .containsExactly("t4");
  }

  @Test
  void whatIsStoredThereLaterIsFound_byTheOwnerOfItsPartition() {
    left(1, "Pending", false, "", "");
    new Migrations(settings, Databases.TIME, _ -> {}).run();
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME);
        PostgresJournal other = PostgresJournal.open(settings, "two", Databases.TIME)) {
      SharedGroups.takeOver(journal, HERE);
      SharedGroups.take(other, SharedGroups.FIRST);

      left(2, "Pending", false, "", "");

      assertThat(other.custody().late(List.of(SharedGroups.FIRST))).isEmpty();
      assertThat(journal.custody().late(List.of(HERE)))
          .extracting(row -> row.activation().id())
          .containsExactly("t2");
      assertThat(journal.custody().page(HERE, 0, 9)).hasSize(2);
    }
  }

  @Test
  void aRecordWhoseRowIsStillThereIsNotStoredAgain() {
    left(1, "Processing", false, ", processing_deadline", ", " + LATER);
    new Migrations(settings, Databases.TIME, _ -> {}).run();
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.take(journal, HERE);
      StoredActivation again =
          new StoredActivation(
              7,
              Activations.pending("t1").at(HERE, 1).build(),
              Pending.STATE,
              0,
              RetryOverride.NONE,
              null);

      assertThatThrownBy(() -> SharedGroups.apply(journal, SharedGroups.insert(1, again)))
          .isInstanceOfSatisfying(
              JournalException.Duplicates.class,
              refusal -> assertThat(refusal.keys()).containsExactly(7L));

      SharedGroups.apply(journal, SharedGroups.insert(1, SharedGroups.pending(8, HERE)));
      assertThat(SharedGroups.keys(journal, HERE)).containsExactly(8L);
    }
  }

  private static Report report(String id, Conclusion conclusion) {
    return new Report(id, 0, conclusion, RetryOverride.NONE, null);
  }

  /** Rows that came later have smaller numbers. */
  private void leftMany(Partition partition, int rows) {
    SERVER.run(
        database,
        """
        INSERT INTO inflight_taskactivations (
          id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
          processing_deadline_duration, status, application, namespace, taskname, topic)
        SELECT '%1$d-' || i, 'x', %1$d, i, to_timestamp(2000 - i), now(), 0, 30, 'Pending', 'a',
               'n', 't', 'tasks'
          FROM generate_series(1, %2$d) AS i\
        """
            .formatted(partition.number(), rows));
  }

  @Test
  void manyRowsAreMovedInTheOrderOfTheirArrival() {
    leftMany(HERE, 1_201);
    new Migrations(settings, Databases.TIME, _ -> {}).run();

    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.takeOver(journal, HERE);

      List<StoredActivation> rows = journal.custody().page(HERE, 0, 2_000);
      assertThat(rows).hasSize(1_201);
      assertThat(rows.getFirst().activation().id()).isEqualTo("3-1201");
      assertThat(rows.getLast().activation().id()).isEqualTo("3-1");
    }
  }

  @Test
  void partitionsTakeTurns_andWhatIsLeftOfOneThatGoesStays() {
    Partition other = new Partition("tasks", 4);
    leftMany(HERE, 1_201);
    leftMany(other, 501);
    new Migrations(settings, Databases.TIME, _ -> {}).run();

    ((Logger) LoggerFactory.getLogger("taskbroker::store")).setLevel(Level.INFO);
    try (CapturedLog log = new CapturedLog("taskbroker::store");
        PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.take(journal, HERE, other);
      List<List<Integer>> pieces = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        pieces.add(piece(journal, HERE, other));
      }
      assertThat(pieces).containsExactly(List.of(3, 500), List.of(4, 500), List.of(3, 500));

      assertThat(piece(journal, other)).as("the first one has gone").containsExactly(4, 1);
      assertThat(piece(journal, other)).isEmpty();
      assertThat(
              SERVER.ask(
                  database,
                  "SELECT partition || ' ' || count(*) FROM inflight_taskactivations GROUP BY"
                      + " partition"))
          .containsExactly("3 201");
      assertThat(log.lines())
          .filteredOn(line -> line.contains("getsentry"))
          .hasSize(2)
          .anyMatch(
              line -> line.startsWith("1702 rows are moved from getsentry/taskbroker's table"))
          .anyMatch(
              line -> line.startsWith("1501 rows have moved from getsentry/taskbroker's table in"));
    }
  }

  /** Has a piece moved; returns the number of its partition and its size. */
  private static List<Integer> piece(PostgresJournal journal, Partition... partitions) {
    List<StoredActivation> rows = journal.custody().late(List.of(partitions));
    return rows.isEmpty()
        ? List.of()
        : List.of(rows.getFirst().activation().partition().number(), rows.size());
  }

  @Test
  void rowsThatNobodyReadsWaitForAnOwner() {
    leftMany(HERE, 700);
    new Migrations(settings, Databases.TIME, _ -> {}).run();

    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      assertThat(journal.custody().beat(Set.of("other")).free())
          .extracting(Free::partition, Free::rows)
          .containsExactly(tuple(HERE, 700L));
    }
  }

  @Test
  void onceItIsEmptyItsNameIsThatOfTheView() {
    left(1, "Pending", false, "", "");
    List<String> lines = new ArrayList<>();
    Migrations migrations = new Migrations(settings, Databases.TIME, lines::add);
    migrations.run();
    assertThat(lines.getLast())
        .startsWith("Rows left in getsentry/taskbroker's table: 1.")
        .contains("Run the migrations once more");
    String kind = "SELECT relkind FROM pg_class WHERE relname = 'inflight_taskactivations'";
    assertThat(SERVER.ask(database, kind)).as("it is in use").containsExactly("r");
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.takeOver(journal, HERE);

      migrations.run();

      assertThat(SERVER.ask(database, kind)).containsExactly("v");
      assertThat(
              SERVER.ask(
                  database,
                  "SELECT id || status || topic || added_at FROM inflight_taskactivations"))
          .singleElement()
          .asString()
          .startsWith("t1Pendingtasks2023-11-14");
      assertThat(SERVER.ask(database, "SELECT count(*) FROM inflight_taskactivations_reference"))
          .containsExactly("0");
    }
  }

  // ---------------------------------------------------------------- the way back

  /** Marks what it was asked to write. */
  private static final ActivationEncoder ENCODER =
      new ActivationEncoder() {
        @Override
        public byte[] withOverride(byte[] payload, RetryOverride override) {
          return new byte[] {payload[0], 99};
        }

        @Override
        public Retry nextAttempt(
            Activation activation, byte[] payload, RetryOverride override, long nowMs) {
          throw new IllegalStateException("nothing leaves");
        }
      };

  private static final String LEFT =
      "SELECT id || ' ' || status || ' ' || topic || partition || ' ' || encode(activation, 'hex')"
          + " || ' ' || coalesce(processing_deadline, claim_expires_at, delay_until,"
          + " to_timestamp(0)) AT TIME ZONE 'UTC' FROM inflight_taskactivations ORDER BY added_at,"
          + " id";

  @Test
  void whatWasTakenOverCanBeGivenBack() {
    left(1, "Delay", false, ", delay_until", ", to_timestamp(1900000000)");
    left(2, "Claimed", false, ", claim_expires_at", ", to_timestamp(1600000000)");
    left(3, "Processing", true, ", processing_deadline", ", to_timestamp(1600000001)");
    left(4, "Retry", false, "", "");
    List<String> before = SERVER.ask(database, LEFT);
    Migrations migrations = new Migrations(settings, Databases.TIME, _ -> {});
    migrations.run();
    ReferenceReturn back = new ReferenceReturn(settings, ENCODER);
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.takeOver(journal, HERE);
      migrations.run(); // the view has the name now
      assertThatThrownBy(back::run)
          .isInstanceOf(UnusableDatabaseException.class)
          .hasMessageContaining("is held by broker");
      SERVER.run(database, "UPDATE taskbroker_task SET retry_max_attempts = 9 WHERE id = 't4'");
    }

    assertThat(back.run()).isEqualTo(new ReferenceReturn.Outcome(4, 0));

    assertThat(SERVER.ask(database, LEFT).subList(0, 3)).isEqualTo(before.subList(0, 3));
    assertThat(SERVER.ask(database, LEFT).getLast()).startsWith("t4 Retry tasks3 0463");
    assertThat(SERVER.ask(database, "SELECT count(*) FROM taskbroker_task")).containsExactly("0");
    assertThat(
            SERVER.ask(database, "SELECT version || encode(checksum, 'hex') FROM _sqlx_migrations"))
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).hasSize(1 + 96));
    assertThat(back.run()).as("once more").isEqualTo(new ReferenceReturn.Outcome(0, 0));
  }

  @Test
  void anAtMostOnceTaskThatMayRunTwiceIsGivenBackAsFailed() {
    SERVER.run(database, "DROP TABLE inflight_taskactivations");
    new Migrations(settings, Databases.TIME, _ -> {}).run();
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.take(journal, HERE);
      SharedGroups.apply(
          journal,
          SharedGroups.insert(1, SharedGroups.pending(1, HERE), SharedGroups.pending(2, HERE)));
      SERVER.run(database, "UPDATE taskbroker_task SET at_most_once = true");
      SharedGroups.apply(journal, SharedGroups.acknowledge(2, Map.of(HERE, 2L)));
    }

    new ReferenceReturn(settings, ENCODER).run();

    assertThat(
            SERVER.ask(database, "SELECT id || status FROM inflight_taskactivations ORDER BY id"))
        .as("up to 2 Kafka has acknowledged")
        .containsExactly("id-1Pending", "id-2Failure");
  }
}
