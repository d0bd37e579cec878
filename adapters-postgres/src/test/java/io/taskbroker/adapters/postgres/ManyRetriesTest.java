package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Partition;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** More rows that are to be retried than the reference gets rid of. */
class ManyRetriesTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final int ROWS = 100_000;
  private static final int AT_ONCE = 1_000;
  private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();
  private static final List<Partition> PARTITIONS =
      List.of(new Partition("tasks", 0), new Partition("tasks", 1));
  private static final StoreSettings SETTINGS =
      new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3, Keeping.DEFAULT), false);

  private final PostgresSettings settings = Databases.migrated();
  private final String database = settings.place().database();
  private final List<String> left = new ArrayList<>();

  @Test
  void aHundredThousandRetriesLeaveOnce_thoughHalfOfThemChangeTheirOwnerMeanwhile() {
    SERVER.run(
        database,
        """
        INSERT INTO taskbroker_custody (topic, partition, free_since, acknowledged)
        VALUES ('tasks', 0, now(), 1000000), ('tasks', 1, now(), 1000000)\
        """,
        """
        INSERT INTO taskbroker_task (
          key, custody, id, application, namespace, taskname, kafka_offset, received_at, added_at,
          processing_deadline_sec, at_most_once, on_attempts_exceeded, payload_bytes, bucket,
          status, attempts, under_way, round)
        SELECT i, c.no, 'retry-' || i, 'a', 'n', 't', i, 0, 0, 30, false, 1, 1, 0, 4, 0, false, 1
          FROM generate_series(1, %d) AS i JOIN taskbroker_custody c ON c.partition = i %% 2\
        """
            .formatted(ROWS),
        "INSERT INTO taskbroker_payload (key, bytes) SELECT key, 'x' FROM taskbroker_task");
    try (OwnedStore second = open("second")) {
      try (OwnedStore first = open("first")) {
        first.intake().assigned(Map.of(PARTITIONS.get(0), 0L));
        second.intake().assigned(Map.of(PARTITIONS.get(1), 0L));
        until(ROWS / 4, first, second);
      }
      second.intake().assigned(Map.of(PARTITIONS.get(0), 0L));
      until(ROWS, second);
      assertThat(take(second)).isEmpty();
    }

    Set<String> each = new TreeSet<>(left);
    assertThat(each).hasSize(ROWS);
    assertThat(left).as("none twice").hasSize(ROWS);
    assertThat(SERVER.ask(database, "SELECT count(*) FROM " + Schema.VIEW)).containsExactly("0");
  }

  private OwnedStore open(String name) {
    return OwnedStore.open(
        PostgresJournal.open(settings, name, Databases.TIME),
        SETTINGS,
        Databases.TIME,
        SystemThreads.INSTANCE,
        _ -> {},
        _ -> {},
        EventSink.none());
  }

  /** Has rows leave until so many have in all. */
  private void until(int rows, OwnedStore... stores) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (left.size() < rows) {
      assertThat(System.nanoTime()).as("%d have left", left.size()).isLessThan(end);
      for (OwnedStore store : stores) {
        List<Taken> taken = take(store);
        taken.forEach(one -> left.add(one.row().activation().id()));
        store.outbox().published(taken.stream().map(one -> one.row().key()).toList());
      }
    }
  }

  private static List<Taken> take(OwnedStore store) {
    return store.outbox().take(Lane.RETRY, AT_ONCE, Long.MAX_VALUE);
  }
}
