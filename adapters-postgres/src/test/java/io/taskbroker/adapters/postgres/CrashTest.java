package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.keys;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.testkit.log.CapturedLog;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server that ends without a word, and one that comes back. */
class CrashTest {
  /** Long enough that nothing is written to the log but for those who wait for it. */
  static final Map<String, String> LAZY = Map.of("wal_writer_delay", "10s");

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start(LAZY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static PostgresSettings database() {
    PostgresSettings settings =
        Databases.settings(server.port(), server.createDatabase(), ConnectionParameters.NONE);
    new Migrations(settings, Databases.TIME, _ -> {}).run();
    return settings;
  }

  private static void crash() {
    server.crash();
    server.startAgain();
  }

  @Test
  void whatWasSyncedIsThereAfterACrash() {
    try (PostgresJournal journal = PostgresJournal.open(database(), "one", Databases.TIME)) {
      take(journal, FIRST);
      apply(journal, insert(1, pending(1, FIRST)));
      apply(journal, insert(2, pending(2, FIRST)));
      journal.sync();

      crash();

      assertThat(untilItAnswers(journal)).isEqualTo(2);
      journal.sync();
      assertThat(keys(journal, FIRST)).containsExactly(1L, 2L);
    }
  }

  @Test
  void aGroupThatMustSurviveAPowerCutTakesEarlierOnesWithIt() {
    try (PostgresJournal journal = PostgresJournal.open(database(), "one", Databases.TIME)) {
      take(journal, FIRST);
      apply(journal, insert(1, pending(1, FIRST)));
      journal.apply(insert(2, pending(2, FIRST)), Durability.POWER_CUT);

      crash();

      assertThat(untilItAnswers(journal)).isEqualTo(2);
    }
  }

  @Test
  void lostGroupsAreNoticed_byTheNextGroupAndByASync() {
    try (PostgresJournal journal = PostgresJournal.open(database(), "one", Databases.TIME)) {
      take(journal, FIRST);
      journal.apply(insert(1, pending(1, FIRST)), Durability.POWER_CUT);
      apply(journal, insert(2, pending(2, FIRST)));
      apply(journal, insert(3, pending(3, FIRST)));

      crash();

      assertThatThrownBy(journal::sync).isInstanceOf(JournalException.Outdated.class);
      assertThatThrownBy(() -> untilItBeats(journal)).isInstanceOf(JournalException.Outdated.class);
      assertThatThrownBy(() -> untilItIsTried(journal))
          .isInstanceOf(JournalException.Outdated.class);
      long last = journal.lastGroup();
      assertThat(last).as("the server may have written one just then").isIn(1L, 2L);
      journal.custody().beat(Set.of());
      assertThat(take(journal, FIRST)).containsExactly(FIRST);
      assertThat(keys(journal, FIRST)).hasSize((int) last).startsWith(1L).doesNotContain(3L);
      apply(journal, insert(last + 1, pending(4, FIRST)));
      assertThat(keys(journal, FIRST)).hasSize((int) last + 1).endsWith(4L);
    }
  }

  @Test
  void aServerThatStopsIsOutOfReach_andNothingIsFinal() {
    try (PostgresJournal journal = PostgresJournal.open(database(), "one", Databases.TIME)) {
      take(journal, FIRST);
      journal.apply(insert(1, pending(1, FIRST)), Durability.POWER_CUT);
      server.stop();

      assertThatThrownBy(() -> apply(journal, insert(2, pending(2, FIRST))))
          .isInstanceOf(JournalException.NothingChanged.class)
          .hasMessageContaining("Wait until the server takes writes again");
      assertThatThrownBy(() -> journal.custody().beat(Set.of()))
          .isInstanceOf(JournalException.NothingChanged.class);
      assertThatThrownBy(journal::lastGroup).isInstanceOf(JournalException.NothingChanged.class);

      server.startAgain();
      assertThat(untilItAnswers(journal)).isEqualTo(1);
      apply(journal, insert(2, pending(2, FIRST)));
      assertThat(keys(journal, FIRST)).containsExactly(1L, 2L);
    }
  }

  @Test
  void aServerThatIsNotUpYetIsWaitedFor() throws Exception {
    PostgresSettings settings = database();
    server.stop();
    try (CapturedLog log = new CapturedLog("taskbroker::store");
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<PostgresJournal> opening =
          thread.submit(() -> PostgresJournal.open(settings, "early", Databases.TIME));
      while (log.lines().stream().noneMatch(line -> line.startsWith("Waiting for Postgres"))) {
        Thread.onSpinWait();
      }

      server.startAgain();

      try (PostgresJournal journal = opening.get()) {
        assertThat(take(journal, FIRST)).containsExactly(FIRST);
      }
    }
  }

  /** Asks until the server answers, as the store does. */
  private static long untilItAnswers(PostgresJournal journal) {
    while (true) {
      try {
        return journal.lastGroup();
      } catch (JournalException.NothingChanged e) {
        assertThat(e).hasMessageContaining("Postgres");
        Thread.onSpinWait();
      }
    }
  }

  private static void untilItBeats(PostgresJournal journal) {
    while (true) {
      try {
        journal.custody().beat(Set.of());
        return;
      } catch (JournalException.NothingChanged e) {
        assertThat(e).hasMessageContaining("Postgres");
        Thread.onSpinWait();
      }
    }
  }

  /** Writes until the server answers, as the store does. */
  private static void untilItIsTried(PostgresJournal journal) {
    while (true) {
      try {
        apply(journal, insert(4, pending(4, FIRST)));
        return;
      } catch (JournalException.NothingChanged e) {
        assertThat(e).hasMessageContaining("Postgres");
        Thread.onSpinWait();
      }
    }
  }
}
