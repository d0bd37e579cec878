package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.keys;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.application.store.JournalEvent.BrokenOff;
import io.taskbroker.application.store.JournalEvent.Remedy;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server may answer, and what that means. */
class FaultsTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  private final PostgresSettings settings = Databases.migrated();
  private final List<JournalEvent> events = new CopyOnWriteArrayList<>();
  private final PostgresJournal journal =
      PostgresJournal.open(settings, "one", Databases.TIME, events::add);

  @AfterEach
  void close() {
    journal.close();
  }

  /** Has the next inserts of tasks fail with this code. */
  private void fail(String code, int times) {
    run(
        "CREATE SEQUENCE IF NOT EXISTS faults",
        """
        CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('faults') <= %d THEN RAISE EXCEPTION USING ERRCODE = '%s'; END IF;
          RETURN NULL;
        END $$\
        """
            .formatted(times, code),
        "ALTER SEQUENCE faults RESTART",
        """
        CREATE OR REPLACE TRIGGER fail AFTER INSERT ON taskbroker_task
        FOR EACH STATEMENT EXECUTE FUNCTION fail()\
        """,
        "GRANT USAGE ON SEQUENCE faults TO public");
  }

  private void run(String... statements) {
    SERVER.run(settings.place().database(), statements);
  }

  private List<Remedy> repetitions() {
    return events.stream()
        .filter(BrokenOff.class::isInstance)
        .map(event -> ((BrokenOff) event).remedy())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"40001", "40P01", "55P03", "57014"})
  void whatTheServerBreaksOffIsRepeated_andTheCallerSeesNothing(String code) {
    take(journal, FIRST);
    fail(code, 2);

    apply(journal, insert(1, pending(1, FIRST)));

    assertThat(keys(journal, FIRST)).containsExactly(1L);
    assertThat(repetitions()).containsExactly(Remedy.REPEATED, Remedy.REPEATED, Remedy.WRITTEN);
  }

  @Test
  void itIsRepeatedSoOften_andThenTheCallerIsTold() {
    take(journal, FIRST);
    fail("40001", 100);

    assertThatThrownBy(() -> apply(journal, insert(1, pending(1, FIRST))))
        .isInstanceOf(JournalException.NothingChanged.class);

    assertThat(repetitions())
        .containsExactly(Remedy.REPEATED, Remedy.REPEATED, Remedy.REPEATED, Remedy.GIVEN_UP);
    assertThat(journal.lastGroup()).isZero();
    fail("40001", 0);
    apply(journal, insert(1, pending(1, FIRST)));
    assertThat(keys(journal, FIRST)).containsExactly(1L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"53100", "53300", "25006", "57P01", "57P03", "53200", "58030"})
  void aServerInTroubleChangesNothing_andEndsNothing(String code) {
    take(journal, FIRST);
    fail(code, 1);

    JournalException.NothingChanged failure =
        catchThrowableOfType(
            JournalException.NothingChanged.class,
            () -> apply(journal, insert(1, pending(1, FIRST))));

    assertThat(failure.extent()).isEqualTo(Extent.FILE);
    assertThat(journal.lastGroup()).isZero();
    apply(journal, insert(1, pending(1, FIRST)));
    assertThat(keys(journal, FIRST)).containsExactly(1L);
  }

  @ParameterizedTest
  @CsvSource({
    "53100, Free space on the server",
    "53300, Raise max_connections",
    "25006, Name all servers in store.pg.host",
    "08006, See that the server runs",
  })
  void whatTheServerRefusesIsSaid_withWhatHelps(String code, String remedy) {
    take(journal, FIRST);
    fail(code, 1);

    assertThatThrownBy(() -> apply(journal, insert(1, pending(1, FIRST))))
        .hasMessageContaining(remedy);
  }

  @Test
  void aTableThatIsGoneIsFinal_withWhatHelps() {
    take(journal, FIRST);
    run("DROP TABLE taskbroker_task CASCADE");

    assertThatThrownBy(() -> apply(journal, insert(1, pending(1, FIRST))))
        .isInstanceOf(JournalException.Final.class)
        .hasMessageContaining("--run migrations creates and grants");
    assertThatThrownBy(journal::lastGroup).isInstanceOf(JournalException.Final.class);
  }

  @Test
  void aRowThatTheServerDoesNotTakeIsToBlameAlone() {
    take(journal, FIRST);
    run("CREATE INDEX of_somebody ON taskbroker_task (id)"); // takes no id of more than 2,704 bytes
    byte[] noise = new byte[20_000];
    new Random(1).nextBytes(noise);
    var id = new StringBuilder();
    for (byte b : noise) {
      id.append((char) ('a' + (b & 15)));
    }
    StoredActivation odd =
        new StoredActivation(
            1,
            Activations.pending(id.toString()).at(FIRST, 1).build(),
            Pending.STATE,
            0,
            RetryOverride.NONE,
            null);

    JournalException.NothingChanged failure =
        catchThrowableOfType(
            JournalException.NothingChanged.class,
            () -> apply(journal, insert(1, odd, pending(2, FIRST))));

    assertThat(failure.extent()).isEqualTo(Extent.ROWS);
    apply(journal, insert(1, pending(2, FIRST)));
    assertThat(keys(journal, FIRST)).containsExactly(2L);
  }

  @Test
  void aSessionThatIsEndedIsOpenedAgain() {
    take(journal, FIRST);
    apply(journal, insert(1, pending(1, FIRST)));
    journal.sync();
    run(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()\
        """);

    journal.sync();
    assertThatThrownBy(() -> apply(journal, insert(2, pending(2, FIRST))))
        .isInstanceOf(JournalException.NothingChanged.class);
    apply(journal, insert(2, pending(2, FIRST)));

    assertThat(keys(journal, FIRST)).containsExactly(1L, 2L);
    assertThat(events).contains(new JournalEvent.ConnectionLost());
  }

  @Test
  void aBeatTellsHowFarTheServersClockIsAhead() {
    journal.custody().beat(Set.of());

    assertThat(events)
        .filteredOn(JournalEvent.Beaten.class::isInstance)
        .singleElement()
        .satisfies(
            event ->
                assertThat(((JournalEvent.Beaten) event).serverAhead().abs())
                    .isLessThan(Duration.ofMinutes(1)));
    assertThat(events).hasAtLeastOneElementOfType(JournalEvent.TablesSeen.class);
  }
}
