package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Partition;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.workload.proxy.Line;
import io.taskbroker.workload.proxy.PostgresMessages;
import io.taskbroker.workload.proxy.Proxy;
import io.taskbroker.workload.proxy.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The way from getsentry/taskbroker and back, cut at each of its requests: to the server a process
 * that is killed is a connection that ends. What was cut is done once more.
 */
class MoveCutTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  /** Whether the server has the last request as a whole. */
  enum Cut {
    BEFORE_THE_REQUEST_ENDS,
    BEFORE_THE_ANSWER
  }

  /** Its rows keep the table's name from being free. */
  private static final Partition NOT_TAKEN = new Partition("tasks", 0);

  private final AtomicInteger left = new AtomicInteger();
  private volatile Cut cut = Cut.BEFORE_THE_ANSWER;
  private final PostgresSettings direct = Databases.empty();
  private final String database = direct.place().database();
  private final Proxy proxy =
      Proxy.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          new InetSocketAddress(InetAddress.getLoopbackAddress(), SERVER.port()),
          PostgresMessages.PROTOCOL,
          CuttingScript::new);
  private final PostgresSettings cuttable =
      Databases.settings(proxy.port(), database, ConnectionParameters.parse("sslmode=disable"));

  @BeforeEach
  void createTable() {
    SERVER.run(database, ReferenceTableTest.TABLE);
  }

  @AfterEach
  void close() {
    proxy.close();
  }

  // ---------------------------------------------------------------- the way here

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aBrokerThatIsKilledWhileItTakesOver_leavesEachRowToTheNext(Cut where) {
    leave(NOT_TAKEN);
    migrate(direct);
    boolean wasCut = true;
    for (int number = 1; wasCut; number++) {
      Partition partition = new Partition("tasks", number);
      leave(partition);
      PostgresJournal killed = PostgresJournal.open(cuttable, "killed " + number, Databases.TIME);
      wasCut = isCut(where, number, () -> SharedGroups.takeOver(killed, partition));
      forgetBrokers();

      try (PostgresJournal next = PostgresJournal.open(direct, "next", Databases.TIME)) {
        SharedGroups.takeOver(next, partition);
        assertThat(ids(next.custody().page(partition, 0, 99)))
            .as("%s %d", where, number)
            .containsExactlyElementsOf(idsOf(partition));
      }
      killed.close();
    }
    assertThat(leftOver()).isEqualTo(idsOf(NOT_TAKEN).size());
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void rowsThatComeLateAreHandedOverOnce_whereverTheConnectionIsCut(Cut where) {
    leave(NOT_TAKEN);
    migrate(direct);
    try (PostgresJournal journal = PostgresJournal.open(cuttable, "one", Databases.TIME)) {
      boolean wasCut = true;
      for (int number = 1; wasCut; number++) {
        Partition partition = new Partition("tasks", number);
        SharedGroups.take(journal, partition);
        leave(partition);
        List<String> come = new ArrayList<>();
        wasCut = isCut(where, number, () -> come.addAll(late(journal, partition)));
        while (come.isEmpty()) {
          boolean _ = isCut(where, 0, () -> come.addAll(late(journal, partition)));
        }
        boolean _ = isCut(where, 0, () -> come.addAll(late(journal, partition)));
        assertThat(come).as("%s %d", where, number).containsExactlyElementsOf(idsOf(partition));
      }
    }
    assertThat(leftOver()).isEqualTo(idsOf(NOT_TAKEN).size());
  }

  private static List<String> late(PostgresJournal journal, Partition partition) {
    return ids(journal.custody().late(List.of(partition)));
  }

  private static List<String> ids(List<StoredActivation> rows) {
    return rows.stream().map(row -> row.activation().id()).toList();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aSwapOfTheNamesIsDoneOrNot(Cut where) {
    boolean wasCut = true;
    for (int number = 1; wasCut; number++) {
      wasCut = isCut(where, number, () -> migrate(cuttable));

      migrate(direct);

      assertThat(
              SERVER.ask(
                  database,
                  "SELECT relname || ' ' || relkind::text FROM pg_class"
                      + " WHERE relname IN ('inflight_taskactivations',"
                      + " 'inflight_taskactivations_reference') ORDER BY 1"))
          .as("%s %d", where, number)
          .containsExactly("inflight_taskactivations v", "inflight_taskactivations_reference r");
      new ReferenceReturn(direct, ThereAndBack.ENCODER).run();
      dropOurs();
    }
  }

  // ---------------------------------------------------------------- the way back

  @ParameterizedTest
  @EnumSource(Cut.class)
  void anExportIsDoneAsAWholeOrNotAtAll(Cut where) {
    Partition partition = new Partition("tasks", 1);
    leave(partition);
    boolean wasCut = true;
    for (int number = 1; wasCut; number++) {
      migrate(direct);
      try (PostgresJournal journal = PostgresJournal.open(direct, "one", Databases.TIME)) {
        SharedGroups.takeOver(journal, partition);
      }
      migrate(direct); // now the name is that of the view

      wasCut =
          isCut(where, number, () -> new ReferenceReturn(cuttable, ThereAndBack.ENCODER).run());

      String as = "%s %d".formatted(where, number);
      assertThat(count("taskbroker_task")).as(as).isIn(0L, (long) idsOf(partition).size());
      assertThat(leftOver()).as(as + ": in the view or in the table").isEqualTo(3);
      new ReferenceReturn(direct, ThereAndBack.ENCODER).run();
      assertThat(count("taskbroker_task")).as(as).isZero();
      assertThat(leftOver()).as(as).isEqualTo(3);
    }
  }

  // ---------------------------------------------------------------- in the tests' words

  private static void migrate(PostgresSettings settings) {
    new Migrations(settings, Databases.TIME, _ -> {}).run();
  }

  private static List<String> idsOf(Partition partition) {
    return List.of(partition.number() + "-1", partition.number() + "-2", partition.number() + "-3");
  }

  private void leave(Partition partition) {
    SERVER.run(
        database,
        """
        INSERT INTO inflight_taskactivations (
          id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
          processing_deadline_duration, status, application, namespace, taskname, topic)
        SELECT '%1$d-' || i, 'x', %1$d, i, to_timestamp(i), now(), 0, 30, 'Pending', 'a', 'n', 't',
               'tasks'
          FROM generate_series(1, 3) AS i\
        """
            .formatted(partition.number()));
  }

  private long leftOver() {
    return count(Schema.VIEW);
  }

  private long count(String table) {
    return Long.parseLong(SERVER.ask(database, "SELECT count(*) FROM " + table).getFirst());
  }

  /** Deposes all brokers, as if they had been silent for long. */
  private void forgetBrokers() {
    SERVER.run(
        database,
        "UPDATE taskbroker_broker SET fenced = true, fenced_at = now()",
        "UPDATE taskbroker_custody SET broker = NULL, free_since = now()",
        "DELETE FROM taskbroker_heartbeat");
  }

  private void dropOurs() {
    SERVER.run(
        database,
        Schema.TABLES.stream().map("DROP TABLE %s CASCADE"::formatted).toArray(String[]::new));
  }

  /** Whether the connection was cut at the request of this number; at none, if it is 0. */
  private boolean isCut(Cut where, int number, Runnable work) {
    cut = where;
    left.set(number);
    try {
      work.run();
      return left.get() <= 0 && number > 0;
    } catch (JournalException | UnusableDatabaseException e) {
      return true;
    } finally {
      left.set(0);
    }
  }

  /** Cuts its connection at the last request that is left. */
  private final class CuttingScript implements Script {
    private volatile boolean isToBeCut;

    @Override
    public void fromClient(byte[] message, Line line) throws IOException {
      boolean isEndOfRequest = PostgresMessages.letter(message) == 'S';
      if (isEndOfRequest && left.get() > 0 && left.decrementAndGet() == 0) {
        switch (cut) {
          case BEFORE_THE_REQUEST_ENDS -> {
            line.cut();
            return;
          }
          case BEFORE_THE_ANSWER -> isToBeCut = true;
        }
      }
      line.toServer(message);
    }

    @Override
    public void fromServer(byte[] message, Line line) throws IOException {
      if (isToBeCut) {
        line.cut();
      } else {
        line.toClient(message);
      }
    }
  }
}
