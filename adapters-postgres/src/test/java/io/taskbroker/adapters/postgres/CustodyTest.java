package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.SECOND;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.keys;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static io.taskbroker.adapters.postgres.SharedGroups.want;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Custody.Beat;
import io.taskbroker.inflight.Custody.Free;
import io.taskbroker.inflight.Custody.Held;
import io.taskbroker.inflight.Custody.Silent;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Elsewhere.Left;
import io.taskbroker.inflight.Elsewhere.Report;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two brokers over one database. */
class CustodyTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  private final PostgresSettings settings = Databases.migrated();
  private final PostgresJournal one = open("one");
  private final PostgresJournal two = open("two");

  private PostgresJournal open(String name) {
    return PostgresJournal.open(settings, name, Databases.TIME);
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  @Test
  void aPartitionIsOneBrokersAtATime() {
    assertThat(take(one, FIRST, SECOND)).containsExactlyInAnyOrder(FIRST, SECOND);
    assertThat(take(two, FIRST)).isEmpty();
    assertThat(take(one, FIRST)).containsExactly(FIRST);
  }

  @Test
  void whoAsksIsToldWhoseItIs() {
    take(one, FIRST);

    assertThat(two.custody().ask(List.of(FIRST, SECOND)))
        .singleElement()
        .satisfies(
            kept -> {
              assertThat(kept.partition()).isEqualTo(FIRST);
              assertThat(kept.owner()).contains("(one)");
              assertThat(kept.silence()).isLessThan(Duration.ofSeconds(30));
            });
    assertThat(one.custody().ask(List.of(FIRST))).isEmpty();
  }

  @Test
  void oneThatIsWantedIsToldOf_untilNobodyWantsIt() {
    take(one, FIRST, SECOND);
    assertThat(take(two, FIRST)).isEmpty();
    assertThat(one.custody().wanted()).as("it was only looked for").isEmpty();
    want(two, FIRST);

    assertThat(one.custody().wanted()).containsExactly(FIRST);
    assertThat(one.custody().beat(Set.of("tasks")).wanted()).containsExactly(FIRST);
    two.custody().withdraw(List.of(FIRST, SECOND));
    assertThat(one.custody().wanted()).isEmpty();
  }

  @Test
  void aWishEndsWithTheBrokerThatHadIt() {
    take(one, FIRST, SECOND);
    want(two, FIRST);
    two.close();
    assertThat(one.custody().wanted()).isEmpty();

    PostgresJournal three = open("three");
    want(three, SECOND);
    assertThat(one.custody().wanted()).containsExactly(SECOND);
    silence("three");
    one.custody().depose(number("three"));
    assertThat(one.custody().wanted()).isEmpty();
    three.close();
  }

  @Test
  void oneThatIsGivenUpIsTheOthers_withItsRowsAndItsPosition() {
    take(one, FIRST, SECOND);
    apply(one, insert(1, pending(1, FIRST), pending(2, SECOND), pending(3, FIRST)));
    apply(one, SharedGroups.acknowledge(2, Map.of(FIRST, 17L)));
    want(two, FIRST, SECOND);

    one.apply(SharedGroups.giveUp(3, FIRST), Durability.POWER_CUT);

    assertThat(two.custody().take(List.of(FIRST, SECOND))).containsExactly(new Held(FIRST, 17L));
    assertThat(keys(two, FIRST)).containsExactly(1L, 3L);
    assertThat(two.payloads(List.of(1L, 3L)))
        .containsEntry(1L, SharedGroups.payload(1))
        .containsEntry(3L, SharedGroups.payload(3));
    assertThat(one.custody().wanted()).containsExactly(SECOND);
  }

  @Test
  void rowsComeInPages() {
    take(one, FIRST);
    apply(one, insert(1, pending(1, FIRST), pending(2, FIRST), pending(3, FIRST)));

    assertThat(one.custody().page(FIRST, 0, 2)).hasSize(2);
    assertThat(one.custody().page(FIRST, 2, 2)).hasSize(1);
    assertThat(one.custody().page(FIRST, 3, 2)).isEmpty();
  }

  @Test
  void aRowThatMakesNoSenseDoesNotEndItsPage() {
    take(one, FIRST);
    apply(one, insert(1, pending(1, FIRST), pending(2, FIRST), pending(3, FIRST)));
    SERVER.run(settings.place().database(), "UPDATE taskbroker_task SET status = 77 WHERE key = 1");

    assertThat(one.custody().page(FIRST, 0, 2)).hasSize(2);
  }

  @Test
  void whatIsListedIsTheBrokersOwn() {
    take(one, FIRST);
    take(two, SECOND);
    apply(one, insert(1, pending(1, FIRST)));
    apply(two, insert(1, pending(2, SECOND)));

    assertThat(one.page(TaskFilter.ANY, 0, 10).tasks())
        .extracting(StoredTask::key)
        .containsExactly(1L);
  }

  @Test
  void keysAreNeverReservedTwice() {
    long first = one.custody().reserveKeys(10_000);
    long second = two.custody().reserveKeys(10_000);
    long third = one.custody().reserveKeys(1);

    assertThat(second).isGreaterThanOrEqualTo(first + 10_000);
    assertThat(third).isGreaterThanOrEqualTo(second + 10_000);
  }

  @Test
  void anIdIsStoredOnce_andTheSecondOneIsNamed() {
    take(one, FIRST);
    take(two, SECOND);
    apply(one, insert(1, pending(1, FIRST)));

    assertThatThrownBy(() -> apply(two, insert(1, again(7, 1), pending(8, SECOND))))
        .isInstanceOfSatisfying(
            JournalException.Duplicates.class,
            refusal -> assertThat(refusal.keys()).containsExactly(7L));
    assertThat(keys(two, SECOND)).isEmpty();
    apply(two, insert(1, pending(8, SECOND)));
    assertThat(keys(two, SECOND)).containsExactly(8L);
  }

  private static StoredActivation again(long key, long other) {
    return new StoredActivation(
        key,
        Activations.pending("id-" + other).at(SECOND, key).build(),
        Pending.STATE,
        0,
        RetryOverride.NONE,
        null);
  }

  // ---------------------------------------------------------------- silence

  @Test
  void onlyASilentBrokerCanBeDeposed() {
    take(one, FIRST);
    assertThat(two.custody().beat(Set.of()).silent()).isEmpty();
    assertThat(two.custody().depose(number("one"))).isFalse();

    silence("one");

    assertThat(two.custody().beat(Set.of()).silent())
        .extracting(Silent::broker, Silent::name)
        .containsExactly(tuple(number("one"), "one"));
    assertThat(two.custody().depose(number("one"))).isTrue();
    assertThat(two.custody().depose(number("one"))).isFalse();
    assertThat(take(two, FIRST)).containsExactly(FIRST);
  }

  @Test
  void aDeposedBrokerWritesNothing_andFindsOutWithEachCall() {
    take(one, FIRST);
    apply(one, insert(1, pending(1, FIRST)));
    silence("one");
    two.custody().depose(number("one"));

    assertThatThrownBy(() -> apply(one, insert(2, pending(2, FIRST))))
        .isInstanceOf(JournalException.Deposed.class)
        .hasMessageContaining("(two)");
    assertThatThrownBy(() -> one.custody().beat(Set.of()))
        .isInstanceOf(JournalException.Deposed.class);
    assertThatThrownBy(one::sync).isInstanceOf(JournalException.Deposed.class);
    assertThatThrownBy(() -> one.payloads(List.of(99L)))
        .isInstanceOf(JournalException.Deposed.class);
    assertThatThrownBy(() -> take(one, SECOND)).isInstanceOf(JournalException.Deposed.class);
    take(two, FIRST);
    assertThat(keys(two, FIRST)).containsExactly(1L);
  }

  /** By which a broker may find out that it is deposed. */
  enum Call {
    GROUP,
    LAST_GROUP,
    PAYLOADS,
    SYNC,
    BEAT,
    TAKE;

    void of(PostgresJournal journal) {
      switch (this) {
        case GROUP -> apply(journal, insert(1, pending(1, FIRST)));
        case LAST_GROUP -> journal.lastGroup();
        case PAYLOADS -> journal.payloads(List.of(99L));
        case SYNC -> journal.sync();
        case BEAT -> journal.custody().beat(Set.of());
        case TAKE -> journal.custody().take(List.of(FIRST));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachCallOfADeposedBrokerTellsByItself_byWhomItWasAndWhen(Call call) {
    take(one, FIRST);
    silence("one");
    two.custody().depose(number("one"));

    assertThatThrownBy(() -> call.of(one))
        .isInstanceOf(JournalException.Deposed.class)
        .hasMessageContaining("(one) was deposed by broker %d (two) at 20", number("two"));
  }

  @Test
  void aGroupThatIsFrozenIsBrokenOff() throws Exception {
    take(one, FIRST);
    long frozen = number("one");
    silence("one");
    try (Connection held = SERVER.connect(settings.place().database());
        Statement statement = held.createStatement()) {
      held.setAutoCommit(false);
      statement.execute("UPDATE taskbroker_broker SET group_no = 1 WHERE no = " + frozen);

      assertThat(two.custody().depose(frozen)).isTrue();

      assertThatThrownBy(() -> statement.execute("SELECT 1"))
          .as("its session has ended")
          .isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(() -> apply(one, insert(1, pending(1, FIRST))))
        .isInstanceOf(JournalException.Deposed.class);
  }

  @Test
  void aGroupThatIsBeingWrittenIsWaitedFor() throws Exception {
    take(one, FIRST);
    long busy = number("one");
    silence("one");
    try (Connection held = SERVER.connect(settings.place().database());
        Statement statement = held.createStatement();
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      held.setAutoCommit(false);
      statement.execute("UPDATE taskbroker_broker SET group_no = 1 WHERE no = " + busy);
      Future<Boolean> deposing = thread.submit(() -> two.custody().depose(busy));
      awaitWaiting();
      held.commit();

      assertThat(deposing.get()).isTrue();
    }
    assertThat(ask("SELECT group_no FROM taskbroker_broker WHERE no = " + busy))
        .containsExactly("1");
  }

  private void awaitWaiting() {
    String waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '%s'"
            .formatted(settings.place().database());
    while (ask(waiting).contains("0")) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatIsFreeAndHasRowsIsToldOf() {
    take(one, FIRST, SECOND);
    apply(one, insert(1, pending(1, FIRST)));
    one.close();

    Beat beat = two.custody().beat(Set.of("other"));
    assertThat(beat.free()).hasSize(1);
    Free free = beat.free().getFirst();
    assertThat(free.partition()).isEqualTo(FIRST);
    assertThat(free.rows()).isEqualTo(1);
    assertThat(free.hasReader()).isFalse();
    assertThat(free.since()).isBetween(Duration.ZERO, Duration.ofMinutes(5));
    two.custody().beat(Set.of("tasks"));
    assertThat(two.custody().beat(Set.of("tasks")).free().getFirst().hasReader()).isTrue();
    assertThat(beat.silent()).as("it has signed off").isEmpty();
  }

  @Test
  void aBrokerThatHasEndedHoldsNothing() {
    take(one, FIRST);
    one.close();

    assertThat(take(two, FIRST)).containsExactly(FIRST);
    assertThat(ask("SELECT name FROM taskbroker_broker")).containsExactly("two");
    assertThat(
            ask(
                "SELECT application_name FROM pg_stat_activity WHERE datname = '%s' AND application_name LIKE 'taskbroker/one%%'"
                    .formatted(settings.place().database())))
        .isEmpty();
  }

  @Test
  void theSizeIsThatOfAllBrokers_andFallsWithTheWork() {
    take(one, FIRST);
    take(two, SECOND);
    long none = one.size().total();
    apply(two, insert(1, pending(1, SECOND), pending(2, SECOND)));
    two.custody().beat(Set.of());
    one.custody().beat(Set.of());
    assertThat(one.size().total()).isGreaterThan(none + 800);

    apply(two, SharedGroups.update(2, SharedGroups.row(1, SECOND, Completed.STATE)));
    apply(
        two,
        new JournalGroup(
            3, new Changes(List.of(), List.of(), List.of(1L, 2L), Map.of()), Map.of()));
    two.custody().beat(Set.of());
    one.custody().beat(Set.of());

    assertThat(two.size().total()).isZero();
    assertThat(one.size().total()).isEqualTo(none);
  }

  // ---------------------------------------------------------------- reports

  @Test
  @DisplayName("19.10: a report to another broker reaches the owner, who settles it with a group")
  void aReportIsLeftForTheOwner_whoSettlesItWithAGroup() {
    take(one, FIRST);
    apply(
        one,
        insert(1, pending(1, FIRST), SharedGroups.row(2, FIRST, new Processing(new Moment(5, 5)))));
    apply(one, SharedGroups.update(2, SharedGroups.row(1, FIRST, Completed.STATE)));
    Report report =
        new Report("id-2", 9, Conclusion.RETRY, new RetryOverride(-1, 7L), "out of \u0000 luck");

    assertThat(
            two.elsewhere()
                .leave(
                    List.of(
                        new Report("id-1", 0, Conclusion.COMPLETE, RetryOverride.NONE, null),
                        report,
                        new Report("id-3", 0, Conclusion.FAILURE, RetryOverride.NONE, null))))
        .as("finished, there, unknown")
        .containsExactly(false, true, false);

    List<Left> left = one.elsewhere().left(List.of(FIRST), 10);
    assertThat(left).hasSize(1);
    assertThat(left.getFirst().report()).isEqualTo(report);
    assertThat(left.getFirst().key()).isEqualTo(2);
    assertThat(one.elsewhere().left(List.of(FIRST), 10)).as("until it is settled").isEqualTo(left);
    assertThat(two.elsewhere().left(List.of(FIRST), 10)).as("not its own").isEmpty();
    apply(one, SharedGroups.settle(3, left));
    assertThat(one.elsewhere().left(List.of(FIRST), 10)).isEmpty();
  }

  @Test
  void aReportOutlivesItsOwner() {
    take(one, FIRST);
    apply(one, insert(1, pending(1, FIRST)));
    two.elsewhere()
        .leave(List.of(new Report("id-1", 0, Conclusion.COMPLETE, RetryOverride.NONE, null)));
    silence("one");
    two.custody().depose(number("one"));
    take(two, FIRST);

    assertThat(two.elsewhere().left(List.of(FIRST), 10)).hasSize(1);
  }

  // ---------------------------------------------------------------- all is well

  @Test
  void noStatementOfHealthyBrokersFails() {
    SERVER.run(settings.place().database(), "SELECT pg_stat_reset()");
    take(one, FIRST);
    take(two, SECOND);
    for (int group = 1; group <= 20; group++) {
      apply(one, insert(group, pending(group, FIRST)));
      one.payloads(List.of((long) group));
      one.sync();
      one.custody().beat(Set.of("tasks"));
      two.custody().beat(Set.of("tasks"));
      Report report = new Report("id-" + group, 0, Conclusion.COMPLETE, RetryOverride.NONE, null);
      two.elsewhere().leave(List.of(report));
      assertThat(one.elsewhere().left(List.of(FIRST), 99)).hasSize(group);
      assertThat(one.custody().late(List.of(FIRST))).isEmpty();
      assertThat(one.page(TaskFilter.ANY, 0, 10).tasks()).isNotEmpty();
    }
    want(two, FIRST);
    apply(one, SharedGroups.giveUp(21, FIRST));
    assertThat(take(two, FIRST)).containsExactly(FIRST);
    assertThat(keys(two, FIRST)).hasSize(20);
    one.close();
    two.close();

    assertThat(
            ask(
                "SELECT xact_rollback FROM pg_stat_database WHERE datname = '%s'"
                    .formatted(settings.place().database())))
        .containsExactly("0");
  }

  // ---------------------------------------------------------------- in the tests' words

  private List<String> ask(String query) {
    return SERVER.ask(settings.place().database(), query);
  }

  private long number(String name) {
    return Long.parseLong(
        ask("SELECT no FROM taskbroker_broker WHERE name = '%s'".formatted(name)).getFirst());
  }

  @Test
  void whoeverTakesAllLeavesNoBeatOfTheDead() {
    silence("one");
    silence("two");

    try (PostgresJournal _ = PostgresJournal.openAlone(settings, "whole", Databases.TIME)) {
      assertThat(
              SERVER.ask(
                  settings.place().database(),
                  "SELECT b.name FROM taskbroker_heartbeat h JOIN taskbroker_broker b ON b.no = h.broker"))
          .containsExactly("whole");
    }
  }

  /** Lets a broker's last beat be long ago. */
  private void silence(String name) {
    SERVER.run(
        settings.place().database(),
        "UPDATE taskbroker_heartbeat SET beat_at = now() - interval '11 seconds' WHERE broker = "
            + number(name));
  }
}
