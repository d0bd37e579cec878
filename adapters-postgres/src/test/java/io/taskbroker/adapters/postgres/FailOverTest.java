package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.keys;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.workload.proxy.PostgresMessages;
import io.taskbroker.workload.proxy.Proxy;
import io.taskbroker.workload.proxy.Script;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A primary that is lost, and its stand-by that takes its place. */
class FailOverTest {
  private static final String[] HOSTS = {"127.0.0.1", "127.0.0.2"};

  private final PostgresServer primary = PostgresServer.start(Map.of("synchronous_commit", "on"));
  private final PostgresServer standby = primary.startStandby();
  private final PostgresSettings direct = Databases.migrated(primary);
  private final Proxy first = proxy(HOSTS[0], 0, primary);
  private final Proxy second = proxy(HOSTS[1], first.port(), standby);
  private final PostgresSettings settings =
      Databases.settings(
          first.port(),
          direct.place().database(),
          ConnectionParameters.parse("sslmode=disable&host=" + String.join(",", HOSTS)));

  /** All hosts of a broker's settings have one port. */
  private static Proxy proxy(String address, int port, PostgresServer server) {
    try {
      return Proxy.start(
          new InetSocketAddress(InetAddress.getByName(address), port),
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
          PostgresMessages.PROTOCOL,
          () -> Script.PASS);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void awaitStandby() {
    awaitCount(primary, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", 1);
  }

  @AfterEach
  void close() {
    first.close();
    second.close();
    standby.close();
    primary.close();
  }

  private static void awaitCount(PostgresServer server, String query, int count) {
    while (!server.ask("postgres", query).contains(Integer.toString(count))) {
      Thread.onSpinWait();
    }
  }

  private void failOver() {
    primary.crash();
    standby.run("postgres", "SELECT pg_promote(true, 60)");
  }

  @Test
  void nothingIsLost_ifCommitsWaitForTheStandby() {
    primary.run(
        "postgres",
        "ALTER SYSTEM SET synchronous_standby_names = '%s'".formatted(PostgresServer.STANDBY),
        "SELECT pg_reload_conf()");
    awaitCount(primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", 1);
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      synced(journal, insert(1, pending(1, FIRST)));
      synced(journal, insert(2, pending(2, FIRST)));
      failOver();

      assertThat(untilItAnswers(journal)).isEqualTo(2);
      synced(journal, insert(3, pending(3, FIRST)));
      assertThat(keys(journal, FIRST)).containsExactly(1L, 2L, 3L);
      assertThat(journal.payloads(List.of(1L))).hasSize(1);
    }
  }

  @Test
  void whatTheStandbyLacksIsNoticed_andTheRestIsReadAnew() {
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      synced(journal, insert(1, pending(1, FIRST)));
      leaveBehind();
      synced(journal, insert(2, pending(2, FIRST)));
      failOver();

      assertThatThrownBy(() -> untilItIsWritten(journal, insert(3, pending(3, FIRST))))
          .isInstanceOf(JournalException.Outdated.class)
          .hasMessageContaining("has lost groups");
      assertThat(journal.lastGroup()).isEqualTo(1);
      take(journal, FIRST);
      assertThat(keys(journal, FIRST)).containsExactly(1L);
      synced(journal, insert(2, pending(4, FIRST)));
      assertThat(keys(journal, FIRST)).containsExactly(1L, 4L);
    }
  }

  @Test
  void anOldPrimaryThatTakesWritesAgainIsPassedOver_andNoBrokerStartsBesideIt() {
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      synced(journal, insert(1, pending(1, FIRST)));
      leaveBehind();
      failOver();
      assertThat(untilItAnswers(journal)).isEqualTo(1);
      synced(journal, insert(2, pending(2, FIRST)));

      primary.startAgain();
      endSessions(standby);

      assertThat(untilItAnswers(journal)).isEqualTo(2);
      assertThat(keys(journal, FIRST)).containsExactly(1L, 2L);
      assertThat(primary.ask(direct.place().database(), "SELECT key FROM taskbroker_task"))
          .containsExactly("1");
    }
    for (Runnable start :
        List.<Runnable>of(this::openAndClose, this::migrate, this::export, this::openParked)) {
      assertThatThrownBy(start::run)
          .isInstanceOf(UnusableDatabaseException.class)
          .hasMessageContaining("127.0.0.2 (timeline 2), 127.0.0.1 (timeline 1)")
          .hasMessageContaining("pg_rewind");
    }
    second.close();
    openAndClose();
  }

  private void openAndClose() {
    PostgresJournal.open(settings, "two", Databases.TIME).close();
  }

  private void migrate() {
    new Migrations(settings, Databases.TIME, _ -> {}).run();
  }

  private void export() {
    var _ = new ReferenceReturn(settings, ThereAndBack.ENCODER).run();
  }

  private void openParked() {
    ParkedInDatabase.open(settings).close();
  }

  private void endSessions(PostgresServer server) {
    server.run(
        "postgres",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
            .formatted(direct.place().database()));
  }

  @Test
  void aStandbyAloneIsRefused_atAStartAndByTheCheck() {
    awaitCount(
        standby,
        "SELECT count(*) FROM pg_database WHERE datname = '%s'"
            .formatted(direct.place().database()),
        1);
    PostgresSettings alone = Databases.settings(standby, direct.place().database());

    assertThat(DatabaseCheck.run(alone))
        .isInstanceOfSatisfying(
            DatabaseCheck.Finding.Unfit.class,
            unfit -> assertThat(unfit.reason()).contains("is a stand-by", "Name all servers"));
    assertThatThrownBy(() -> PostgresJournal.open(alone, "one", Databases.TIME).close())
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("is a stand-by");
  }

  @Test
  void twoNamesOfOneServerAreOnePrimary() {
    PostgresSettings named =
        Databases.settings(
            primary.port(),
            direct.place().database(),
            ConnectionParameters.parse("sslmode=disable&host=127.0.0.1,localhost"));

    PostgresJournal.open(named, "one", Databases.TIME).close();
  }

  /** From here on the stand-by follows nobody, with all that has been written so far. */
  private void leaveBehind() {
    String written = primary.ask("postgres", "SELECT pg_current_wal_lsn()").getFirst();
    awaitCount(
        primary,
        "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= '%s'".formatted(written),
        1);
    standby.run("postgres", "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
    awaitCount(primary, "SELECT count(*) FROM pg_stat_replication", 0);
  }

  private static void synced(Journal journal, JournalGroup group) {
    journal.apply(group, Durability.POWER_CUT);
  }

  /** Asks until a server answers, as the store does. */
  private static long untilItAnswers(PostgresJournal journal) {
    while (true) {
      try {
        return journal.lastGroup();
      } catch (JournalException.NothingChanged e) {
        Thread.onSpinWait();
      }
    }
  }

  private static void untilItIsWritten(PostgresJournal journal, JournalGroup group) {
    while (true) {
      try {
        synced(journal, group);
        return;
      } catch (JournalException.NothingChanged e) {
        Thread.onSpinWait();
      }
    }
  }
}
