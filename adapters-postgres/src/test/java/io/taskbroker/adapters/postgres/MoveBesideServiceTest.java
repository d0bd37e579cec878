package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A broker that moves many rows of the reference's does everything else meanwhile. The move is made
 * slow, and slower still towards its end, so that it is under way when the test looks, on a slow
 * machine, too.
 */
class MoveBesideServiceTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final Partition FIRST = new Partition("tasks", 0);
  private static final Partition SECOND = new Partition("tasks", 1);

  /**
   * Of each partition: far more pieces than are moved until the test has seen what it waits for.
   */
  private static final int ROWS = 40 * ReferenceTable.AT_ONCE;

  private static final StoreSettings SETTINGS =
      new StoreSettings(
          new EngineSettings(
              Duration.ofHours(1), 3, new Keeping(10, Duration.ofDays(1), 0, Duration.ZERO)),
          false);

  private final PostgresSettings settings = Databases.empty();
  private final String database = settings.place().database();
  private final AtomicLong aheadMs = new AtomicLong();
  private final Queue<Heartbeat> heartbeats = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void leaveRows() {
    SERVER.run(
        database,
        ReferenceTableTest.TABLE,
        "CREATE INDEX idx_topic_partition ON inflight_taskactivations (topic, partition)",
        "CREATE INDEX idx_added_at ON inflight_taskactivations (added_at)",
        """
        INSERT INTO inflight_taskactivations (
          id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
          processing_deadline_duration, status, application, namespace, taskname, topic)
        SELECT i::text, 'x', i %% 2, i, to_timestamp(i), now(), 0, 30, 'Pending', 'a', 'n', 't',
               'tasks'
          FROM generate_series(1, 2 * %d) AS i\
        """
            .formatted(ROWS),
        """
        CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_sleep(CASE WHEN (SELECT count(*) FROM inflight_taskactivations) < %d
                                THEN 2 ELSE 0.05 END);
          RETURN NULL;
        END $$\
        """
            .formatted(ROWS),
        """
        CREATE TRIGGER pause BEFORE DELETE ON inflight_taskactivations
        FOR EACH STATEMENT EXECUTE FUNCTION pause()\
        """);
    new Migrations(settings, Databases.TIME, _ -> {}).run();
  }

  @AfterEach
  void nothingIsLostOrThereTwice() {
    assertThat(
            SERVER.ask(
                database,
                "SELECT count(*) || ' ' || count(DISTINCT id) FROM (SELECT id FROM"
                    + " inflight_taskactivations UNION ALL SELECT id FROM taskbroker_task) AS all_"))
        .containsExactly("%1$d %1$d".formatted(2 * ROWS));
  }

  @Test
  void whatHasMovedIsHandedOut_fromBothPartitions_whileTheRestMoves() {
    try (Store store = open("one")) {
      store.intake().assigned(Map.of(FIRST, 0L, SECOND, 0L));

      Set<Integer> handedOut = new TreeSet<>();
      while (handedOut.size() < 2) {
        store
            .pushes()
            .claimForPush("a", ReferenceTable.AT_ONCE, Long.MAX_VALUE, Duration.ofHours(1))
            .toCompletableFuture()
            .join()
            .forEach(
                delivered -> handedOut.add(delivered.claim().activation().partition().number()));
      }

      assertThat(leftOf(FIRST)).isPositive();
      assertThat(leftOf(SECOND)).isPositive();
    }
  }

  @Test
  void aPartitionThatAnotherBrokerAsksForGoesThere_whileTheRestMoves() {
    try (Store one = open("one");
        Store two = open("two")) {
      one.intake().assigned(Map.of(FIRST, 0L, SECOND, 0L));
      awaitSome(FIRST);

      one.holdings().revoked(List.of(SECOND));
      two.intake().assigned(Map.of(SECOND, 0L));
      while (two.holdings().awaited().contains(SECOND)) {
        Thread.onSpinWait();
      }

      assertThat(leftOf(SECOND)).as("its new owner goes on with them").isPositive();
      long left = leftOf(SECOND);
      while (leftOf(SECOND) == left) {
        Thread.onSpinWait();
      }
      assertThat(leftOf(FIRST)).as("with the first broker").isPositive();
    }
  }

  @Test
  void theThreadThatMovesGivesSignsOfLifeMeanwhile() {
    try (Store store = open("one")) {
      store.intake().assigned(Map.of(FIRST, 0L));
      awaitSome(FIRST);
      Heartbeat custody =
          heartbeats.stream()
              .filter(one -> one.name().equals("store-custody"))
              .findFirst()
              .orElseThrow();

      aheadMs.addAndGet(Duration.ofMinutes(5).toMillis());
      while (custody.overdue().isPositive()) {
        Thread.onSpinWait();
      }

      assertThat(leftOf(FIRST)).isPositive();
    }
  }

  // ---------------------------------------------------------------- in the tests' words

  private Store open(String name) {
    TimeSource time =
        new TimeSource() {
          @Override
          public Moment now() {
            return Databases.TIME.now().plus(Duration.ofMillis(aheadMs.get()));
          }

          @Override
          public long nanos() {
            return Databases.TIME.nanos();
          }
        };
    StoreWatch watch =
        new StoreWatch() {
          @Override
          public void writing(Optional<String> trouble) {}

          @Override
          public void reading(Optional<String> trouble) {}

          @Override
          public void thread(Heartbeat heartbeat) {
            heartbeats.add(heartbeat);
          }

          @Override
          public void failed(Throwable cause) {}
        };
    return OwnedStore.over(PostgresJournal.open(settings, name, Databases.TIME), SETTINGS)
        .open(time, SystemThreads.INSTANCE, watch, EventSink.none());
  }

  /** Waits until the move has begun. */
  private void awaitSome(Partition partition) {
    while (leftOf(partition) == ROWS) {
      Thread.onSpinWait();
    }
  }

  private long leftOf(Partition partition) {
    return Long.parseLong(
        SERVER
            .ask(
                database,
                "SELECT count(*) FROM inflight_taskactivations WHERE partition = "
                    + partition.number())
            .getFirst());
  }
}
