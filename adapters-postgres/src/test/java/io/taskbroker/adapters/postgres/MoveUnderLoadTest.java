package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.workload.proxy.PostgresMessages;
import io.taskbroker.workload.proxy.Proxy;
import io.taskbroker.workload.proxy.Script;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/**
 * Brokers of ours take over while one of getsentry/taskbroker's kind works on, and the first of
 * ours is killed on the way.
 */
class MoveUnderLoadTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final int PARTITIONS = 3;
  private static final int TURNS_BESIDE = 30;
  private static final StoreSettings SETTINGS =
      new StoreSettings(
          new EngineSettings(
              Duration.ofSeconds(3), 3, new Keeping(10, Duration.ofDays(1), 0, Duration.ZERO)),
          false);

  private final PostgresSettings direct = Databases.empty();
  private final String database = direct.place().database();

  /** What ours have handed out, and how often. */
  private final List<String> handedOut = new ArrayList<>();

  /** Of these it is not known what has become of a report. */
  private final List<String> uncertain = new ArrayList<>();

  private final List<RuntimeException> refusals = new ArrayList<>();
  private final Set<String> leftThroughKafka = new TreeSet<>();

  @Test
  void eachTaskRunsOnce_onOneSideOrTheOther() throws SQLException {
    SERVER.run(database, ReferenceTableTest.TABLE);
    List<String> pending = leave("old", "Pending", 400, "");
    List<String> delayed = leave("delayed", "Delay", 20, ", delay_until = now()");
    List<String> away =
        leave("away", "Processing", 20, ", processing_deadline = now() + interval '1 hour'");
    leave("over", "Complete", 20, "");
    List<String> retried = leave("retry", "Retry", 20, "");
    List<String> failed = leave("failed", "Failure", 20, ", on_attempts_exceeded = 2");
    new Migrations(direct, Databases.TIME, _ -> {}).run();
    ReferenceBroker beside;
    try (ReferenceBroker reference = new ReferenceBroker(SERVER, database)) {
      beside = reference;
      beside.forOthers().addAll(away);
      workUntilKilled(reference);
      try (OwnedStore second = open(direct, "second")) {
        second.intake().assigned(positions());
        for (int turn = 0; turn < TURNS_BESIDE; turn++) {
          reference.turn(PARTITIONS);
          work(second, reference, 10);
        }
        until(second, reference, () -> left(Schema.VIEW) == 0);
        handInWhatWasLost(second);
        until(second, reference, () -> unfinished(second) == 0);
      }
    }

    assertThat(refusals).as("the first one noticed its end").isNotEmpty();
    assertThat(beside.lost()).as("taken from workers of the reference").isEmpty();
    assertThat(handedOut).doesNotHaveDuplicates();
    assertThat(handedOut).doesNotContainAnyElementsOf(beside.handedOut());
    Set<String> all = new TreeSet<>(handedOut);
    all.addAll(beside.handedOut());
    assertThat(all)
        .containsAll(pending)
        .containsAll(delayed)
        .containsAll(beside.inserted())
        .hasSize(pending.size() + delayed.size() + beside.inserted().size());
    assertThat(leftThroughKafka).containsAll(retried).containsAll(failed).hasSize(40);
    assertThat(handedOut).as("both sides had work").hasSizeGreaterThan(100);
    assertThat(beside.handedOut()).hasSizeGreaterThan(100);
  }

  /** The first of ours begins to take over, hands out and is gone, as by SIGKILL. */
  private void workUntilKilled(ReferenceBroker reference) throws SQLException {
    Proxy wire =
        Proxy.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), SERVER.port()),
            PostgresMessages.PROTOCOL,
            () -> Script.PASS);
    PostgresSettings cuttable =
        Databases.settings(wire.port(), database, ConnectionParameters.parse("sslmode=disable"));
    try (SharedDatabase space = new SharedDatabase(SERVER, direct, direct);
        OwnedStore first = open(cuttable, "first")) {
      first.intake().assigned(positions());
      for (int turn = 0; turn < TURNS_BESIDE; turn++) {
        reference.turn(PARTITIONS);
        work(first, reference, 5);
      }
      wire.close();
      space.depose("first");
      work(first, reference, 1); // the database keeps nothing of it
    }
  }

  private OwnedStore open(PostgresSettings settings, String name) {
    OwnedStore store =
        OwnedStore.open(
            PostgresJournal.open(settings, name, Databases.TIME),
            SETTINGS,
            Databases.TIME,
            SystemThreads.INSTANCE,
            _ -> {},
            _ -> {},
            EventSink.none());
    store.sweeps().onlyConsumed(Set.of("tasks"));
    return store;
  }

  private static Map<Partition, Long> positions() {
    return Map.of(
        new Partition("tasks", 0),
        0L,
        new Partition("tasks", 1),
        0L,
        new Partition("tasks", 2),
        0L);
  }

  /** Serves workers of ours, and those of the reference's whose reports come here. */
  private void work(OwnedStore store, ReferenceBroker reference, int most) {
    try {
      for (int i = 0; i < most; i++) {
        Optional<Delivered> delivered =
            store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join();
        if (delivered.isPresent()) {
          String id = delivered.get().claim().activation().id();
          handedOut.add(id);
          report(store, id);
        }
      }
      String id = reference.forOthers().peek();
      if (id != null && report(store, id)) {
        reference.forOthers().remove();
      }
      for (Lane lane : List.of(Lane.RETRY, Lane.DEAD_LETTER)) {
        List<Taken> taken = store.outbox().take(lane, 100, Long.MAX_VALUE);
        taken.forEach(one -> leftThroughKafka.add(one.row().activation().id()));
        store.outbox().published(taken.stream().map(one -> one.row().key()).toList());
      }
      int _ = store.sweeps().sweep(Sweep.DELAYS, 100);
    } catch (CompletionException | StoreException e) {
      refusals.add(e); // the caller of a store that is cut off asks again
    }
  }

  private boolean report(OwnedStore store, String id) {
    try {
      return store
          .dispatch()
          .conclude(new Report(id, Conclusion.COMPLETE, RetryOverride.NONE), null)
          .toCompletableFuture()
          .join()
          .known();
    } catch (CompletionException e) {
      uncertain.add(id);
      throw e;
    }
  }

  /** Reports again what was not answered, and for rows whose hand-out was not answered. */
  private void handInWhatWasLost(OwnedStore store) {
    for (String id : uncertain) {
      boolean _ = report(store, id);
    }
    for (String id : SERVER.ask(database, "SELECT id FROM taskbroker_task WHERE status = 3")) {
      if (!handedOut.contains(id)) {
        handedOut.add(id);
      }
      boolean _ = report(store, id);
    }
  }

  private void until(OwnedStore store, ReferenceBroker reference, Condition condition) {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("it has not become so within a minute").isLessThan(end);
      work(store, reference, 20);
    }
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds();
  }

  private static long unfinished(OwnedStore store) {
    return store.sweeps().depths().unfinished();
  }

  private long left(String table) {
    return Long.parseLong(SERVER.ask(database, "SELECT count(*) FROM " + table).getFirst());
  }

  /** Rows that the reference has stored before; returns their ids. */
  private List<String> leave(String name, String status, int rows, String more) {
    SERVER.run(
        database,
        """
        INSERT INTO inflight_taskactivations (
          id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
          processing_deadline_duration, status, application, namespace, taskname, topic)
        SELECT '%1$s-' || i, 'x', i %% %2$d, i, now(), now(), 0, 30, '%3$s', 'shop', 'n', 't',
               'tasks'
          FROM generate_series(1, %4$d) AS i\
        """
            .formatted(name, PARTITIONS, status, rows),
        "UPDATE inflight_taskactivations SET bucket = 1%s WHERE id LIKE '%s-%%'"
            .formatted(more, name));
    return SERVER.ask(
        database, "SELECT id FROM inflight_taskactivations WHERE id LIKE '%s-%%'".formatted(name));
  }
}
