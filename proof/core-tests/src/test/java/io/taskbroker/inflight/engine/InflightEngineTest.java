package io.taskbroker.inflight.engine;

import static io.taskbroker.inflight.engine.Tasks.NOW;
import static io.taskbroker.inflight.engine.Tasks.ORIGIN;
import static io.taskbroker.inflight.engine.Tasks.delayed;
import static io.taskbroker.inflight.engine.Tasks.expiring;
import static io.taskbroker.inflight.engine.Tasks.once;
import static io.taskbroker.inflight.engine.Tasks.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.Totals;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What the engine says of itself, and what it hands to a journal. That it decides as the lifecycle
 * demands is shown by the store contracts of the test kit, which it runs under by itself.
 */
class InflightEngineTest {
  private static final EngineSettings SETTINGS =
      new EngineSettings(Duration.ofSeconds(3), 3, Keeping.NOTHING, Duration.ofSeconds(5));

  private final InflightEngine engine = new InflightEngine(SETTINGS);

  private void add(Activation... tasks) {
    arrive(tasks);
    write();
  }

  private void write() {
    assertThat(engine.changes().isEmpty()).isFalse();
    engine.settle();
  }

  private long[] arrive(Activation... tasks) {
    return engine.arrivals().add(Tasks.arriving(List.of(tasks)), NOW);
  }

  private void conclude(String id, Conclusion conclusion) {
    engine.claims().conclude(id, conclusion, RetryOverride.NONE, NOW);
  }

  private StoredActivation find(String id) {
    StoredActivation found = engine.find(id);
    if (found == null) {
      throw new AssertionError("no row " + id);
    }
    return found;
  }

  private void restore(Activation task, ActivationState state) {
    engine.restore(new StoredActivation(7, task, state, 0, RetryOverride.NONE, null), NOW);
  }

  // ---------------------------------------------------------------- what a journal is told

  @Test
  void changes_nameEachRowOnceAsItStandsAfterwards() {
    add(task("a"));
    arrive(task("b"));
    engine.claims().pull(ClaimFilter.ANY, 1, NOW);
    conclude("a", Conclusion.RETRY);

    Changes changes = engine.changes();

    assertThat(changes.inserted()).extracting(row -> row.activation().id()).containsExactly("b");
    assertThat(changes.updated()).containsExactly(find("a"));
    assertThat(changes.deleted()).isEmpty();
  }

  @Test
  void changes_areEmptyIfNothingWasTaken() {
    add(expiring("gone", NOW.wallMs()), delayed("later", NOW.wallMs() + 5));

    assertThat(engine.claims().pull(ClaimFilter.ANY, 1, NOW)).isEmpty();

    assertThat(engine.changes().isEmpty()).isTrue();
  }

  @Test
  void changes_leaveOutWhatNoJournalKeeps() {
    add(task("a"));
    conclude("a", Conclusion.RETRY);
    engine.settle();

    engine.outbox().take(Lane.RETRY, 1, 1_000, NOW);

    assertThat(engine.changes().isEmpty()).isTrue();
  }

  @Test
  void changes_leaveOutWhatCameAndWentWithinTheGroup() {
    engine.positions().acknowledge(Map.of(ORIGIN, 100L));
    write();

    arrive(task("a"));
    conclude("a", Conclusion.COMPLETE);

    assertThat(engine.changes().isEmpty()).isTrue();
    assertThat(engine.find("a")).isNull();
  }

  @Test
  void changes_tellARowThatWasReplacedUnderTheSameId() {
    engine.positions().acknowledge(Map.of(ORIGIN, 100L));
    add(task("a"));
    long before = find("a").key();

    conclude("a", Conclusion.COMPLETE);
    arrive(task("a"));

    assertThat(engine.changes().deleted()).containsExactly(before);
    assertThat(engine.changes().inserted())
        .extracting(StoredActivation::key)
        .doesNotContain(before);
  }

  @Test
  void changes_holdAnAcknowledgedPositionOnce() {
    engine.positions().acknowledge(Map.of(ORIGIN, 5L));
    assertThat(engine.changes().positions()).containsExactly(Map.entry(ORIGIN, 5L));
    engine.settle();

    engine.positions().acknowledge(Map.of(ORIGIN, 5L));
    engine.positions().acknowledge(Map.of(ORIGIN, 3L));
    assertThat(engine.changes().isEmpty()).isTrue();
  }

  @Test
  void changes_keepNoPositionBeyondWhatAnotherBrokerMayHaveRun() {
    add(once("a", 4), once("b", 5));
    engine.positions().lose(ORIGIN);
    engine.settle();
    engine.arrivals().add(List.of(new Arrival(once("b", 5), Route.WORKERS)), NOW);

    engine.positions().acknowledge(Map.of(ORIGIN, 6L));
    assertThat(engine.changes().positions()).containsExactly(Map.entry(ORIGIN, 4L));
    engine.settle();
    assertThat(engine.changes().isEmpty()).isTrue();

    engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW);
    assertThat(engine.changes().updated()).extracting(row -> row.activation().id()).contains("a");
    assertThat(engine.changes().positions()).containsExactly(Map.entry(ORIGIN, 6L));
  }

  @Test
  void changes_takeAPositionBackToWhatComesInTooLate() {
    engine.positions().acknowledge(Map.of(ORIGIN, 6L));
    assertThat(engine.changes().positions()).containsExactly(Map.entry(ORIGIN, 6L));
    engine.settle();

    engine.arrivals().addLost(List.of(new Arrival(once("a", 4), Route.WORKERS)), NOW);

    assertThat(engine.changes().positions()).containsExactly(Map.entry(ORIGIN, 4L));
  }

  @Test
  void keys_riseAndAreNotGivenTwice() {
    long[] first = arrive(task("a"), task("a"), task("b"));
    engine.undo();
    long[] second = arrive(task("a"));

    assertThat(first[1]).isZero();
    assertThat(first[2]).isGreaterThan(first[0]);
    assertThat(second[0]).isGreaterThan(first[2]);
  }

  // ---------------------------------------------------------------- taking back

  @Test
  void undo_leavesTheClaimBeforeReleasable() {
    add(task("a"));
    Claim claim = engine.claims().pull(ClaimFilter.ANY, 1, NOW).getFirst();
    engine.settle();

    Moment late = NOW.plusMs(13_001);
    engine.sweeps().sweep(Sweep.DEADLINES, 10, late);
    engine.claims().pull(ClaimFilter.ANY, 1, late);
    engine.undo();

    assertThat(engine.claims().release(claim, NOW)).isTrue();
  }

  @Test
  void undo_remembersThatAPushHadBegun() {
    engine.positions().acknowledge(Map.of(ORIGIN, 9L));
    add(once("a", 4));
    Claim claim =
        engine.claims().claimForPush("shop", 1, Long.MAX_VALUE, Duration.ZERO, NOW).getFirst();
    engine.claims().sending(claim, NOW);
    engine.settle();

    engine.claims().release(claim, NOW);
    engine.claims().claimForPush("shop", 1, Long.MAX_VALUE, Duration.ofHours(1), NOW);
    engine.undo();

    engine.sweeps().sweep(Sweep.LEASES, 1, NOW.plusMs(1));
    assertThat(find("a").state().status()).isEqualTo(Status.FAILURE);
  }

  @Test
  void undo_forgetsThatAPushWasToBegin() {
    engine.positions().acknowledge(Map.of(ORIGIN, 9L));
    add(once("a", 4));
    Claim claim =
        engine.claims().claimForPush("shop", 1, Long.MAX_VALUE, Duration.ZERO, NOW).getFirst();
    engine.settle();

    assertThat(engine.claims().sending(claim, NOW)).isTrue();
    assertThat(engine.changes().isEmpty()).isTrue();
    engine.undo();

    engine.sweeps().sweep(Sweep.LEASES, 1, NOW.plusMs(1));
    assertThat(find("a").state()).isEqualTo(Pending.STATE);
  }

  @Test
  void undo_bringsBackWhatWasPutAside() {
    add(expiring("a", NOW.wallMs()));
    engine.claims().pull(ClaimFilter.ANY, 1, NOW);
    engine.undo();

    Moment clockSetBack = new Moment(NOW.wallMs() - 1, NOW.monotonicMs());
    assertThat(engine.claims().pull(ClaimFilter.ANY, 1, clockSetBack)).hasSize(1);
  }

  @Test
  void aReport_onARowOnItsWayOutLetsItLeaveByItsNewLane() {
    add(task("a")); // dead-lettered if it fails
    engine.claims().demote(Set.of("orders"), 1, NOW);
    long key = engine.outbox().take(Lane.DEMOTION, 1, 1_000, NOW).getFirst().key();

    conclude("a", Conclusion.FAILURE);
    engine.outbox().giveBack(List.of(key));

    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).hasSize(1);
  }

  @Test
  void undo_takesBackWhatWasCounted() {
    add(once("a", 4), task("b"));
    engine.positions().lose(ORIGIN);
    engine.settle();
    Totals before = engine.totals();

    engine.positions().acknowledge(Map.of(ORIGIN, 9L));
    engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW);
    conclude("b", Conclusion.COMPLETE);
    assertThat(engine.totals()).isEqualTo(new Totals(1, 1, 0, 0, 0));
    engine.undo();

    assertThat(engine.totals()).isEqualTo(before);
    assertThat(find("a").state()).isEqualTo(Pending.STATE);
    assertThat(engine.positions().awaited()).containsExactly(ORIGIN);
  }

  @Test
  void undo_ofNothingIsNothing() {
    add(task("a"));

    engine.undo();

    assertThat(engine.find("a")).isNotNull();
  }

  // ---------------------------------------------------------------- restoring

  @Test
  void restore_countsADeadlineFromNowAndBoundsIt() {
    restore(task("a"), new Processing(new Moment(NOW.wallMs() + 99_000_000, 0)));

    assertThat(engine.sweeps().sweep(Sweep.DEADLINES, 1, NOW.plusMs(13_000))).isZero();
    assertThat(engine.sweeps().sweep(Sweep.DEADLINES, 1, NOW.plusMs(13_001))).isEqualTo(1);
  }

  @Test
  void restore_countsALeaseFromNow_andBoundsItByThatOfAPush() {
    restore(task("a"), new Claimed(new Moment(NOW.wallMs() + 99_000_000, 0), ClaimPurpose.PUSH));

    assertThat(engine.sweeps().sweep(Sweep.LEASES, 1, NOW.plusMs(5_000))).isZero();
    assertThat(engine.sweeps().sweep(Sweep.LEASES, 1, NOW.plusMs(5_001))).isEqualTo(1);
  }

  @Test
  void restore_assumesThatAClaimedPushWasSent() {
    engine.restorePositions(Map.of(ORIGIN, 9L));
    restore(once("a", 4), new Claimed(new Moment(NOW.wallMs(), 0), ClaimPurpose.PUSH));

    engine.sweeps().sweep(Sweep.LEASES, 1, NOW.plusMs(1));

    assertThat(find("a").state().status()).isEqualTo(Status.FAILURE);
  }

  @Test
  void restore_isNoChange_andKeysGoOnAboveIt() {
    restore(task("a"), Completed.STATE);

    assertThat(engine.changes().isEmpty()).isTrue();
    assertThat(engine.totals()).isEqualTo(Totals.ZERO);
    assertThat(arrive(task("b"))).containsExactly(8);
  }

  // ---------------------------------------------------------------- rules and the rest

  @Test
  void search_findsUnfinishedTasksOfAnyState() {
    add(task("a"), delayed("b", NOW.wallMs() + 5), task("c"));
    conclude("c", Conclusion.COMPLETE);

    assertThat(engine.search(Set.of("send_receipt"), 0).tasknames())
        .containsOnlyKeys(find("a").key(), find("b").key());
    assertThat(engine.search(Set.of("another"), 0).tasknames()).isEmpty();
  }

  @Test
  void drop_endsWhatItNamesWhateverItsState() {
    add(task("a"), delayed("b", NOW.wallMs() + 5));
    List<Long> keys = List.of(find("a").key(), find("b").key());

    assertThat(keys).allMatch(engine::drop);
    assertThat(keys).noneMatch(engine::drop);
    assertThat(engine.drop(999)).isFalse();
    assertThat(find("b").state()).isEqualTo(Completed.STATE);
  }

  @Test
  void whatMustLeaveOnce_isWrittenDownAsUnderWayBeforeItGoes() {
    add(once("a", 4), task("b"));
    engine.positions().acknowledge(Map.of(ORIGIN, 9L));
    engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW);
    conclude("a", Conclusion.RETRY);
    conclude("b", Conclusion.RETRY);
    engine.settle();

    engine.outbox().take(Lane.RETRY, 10, 10_000, NOW);
    assertThat(engine.changes().updated())
        .extracting(row -> row.activation().id(), StoredActivation::underWay)
        .containsExactly(tuple("a", true));
    engine.settle();

    engine.outbox().giveBack(List.of(find("a").key()));
    assertThat(engine.changes().updated())
        .extracting(row -> row.activation().id(), StoredActivation::underWay)
        .containsExactly(tuple("a", false));
  }

  @Test
  void whatWasUnderWayWhenAProcessEnded_hasFailed() {
    StoredActivation left =
        new StoredActivation(
            7, once("a", 4), AwaitingRetry.STATE, 0, RetryOverride.NONE, null, null, true, 0);

    engine.restore(left, NOW);
    assertThat(engine.outbox().take(Lane.RETRY, 10, 10_000, NOW)).isEmpty();
    assertThat(engine.outbox().takeInDoubt()).containsExactly(7L);
    engine.outbox().settle(7, "the broker ended meanwhile", NOW);

    assertThat(find("a").state()).isEqualTo(Failed.STATE);
    assertThat(find("a").failure())
        .isEqualTo(
            new Failure(FailureCause.RETRY_UNCERTAIN, NOW.wallMs(), "the broker ended meanwhile"));
    assertThat(find("a").underWay()).isFalse();
    assertThat(engine.totals().uncertain()).isEqualTo(1);
    assertThat(engine.outbox().take(Lane.RETRY, 10, 10_000, NOW)).isEmpty();
  }

  @Test
  void aRefusedRow_restsTwiceAsLongEachTime_fiveMinutesAtMost() {
    add(task("a"));
    conclude("a", Conclusion.RETRY);
    long key = find("a").key();
    Moment now = NOW;
    for (long restSec : List.of(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L)) {
      assertThat(engine.outbox().take(Lane.RETRY, 1, 1_000, now)).hasSize(1);
      engine.outbox().refused(key, "the topic has other settings", now);
      assertThat(find("a").parked()).isEqualTo("the topic has other settings");
      assertThat(engine.depths().parked()).isEqualTo(1);
      Moment end = now.plus(Duration.ofSeconds(restSec));
      assertThat(engine.outbox().take(Lane.RETRY, 1, 1_000, end.plusMs(-1))).isEmpty();
      now = end;
    }
  }

  @Test
  void demote_sendsPendingRowsOfItsNamespacesOut() {
    add(task("a"), task("b", "other", "orders", 0), task("c", "shop", "returns", 0));

    assertThat(engine.claims().demote(Set.of("orders"), 10, NOW)).isEqualTo(2);

    assertThat(engine.outbox().take(Lane.DEMOTION, 10, 10_000, NOW))
        .extracting(row -> row.activation().id())
        .containsExactly("a", "b");
    assertThat(engine.claims().pull(ClaimFilter.ANY, 10, NOW))
        .extracting(claim -> claim.activation().id())
        .containsExactly("c");
  }

  @Test
  void aDemotedRow_isNotTakenBackByItsLeaseWhileThePublisherHasIt() {
    add(task("a"));
    engine.claims().demote(Set.of("orders"), 10, NOW);
    Moment muchLater = NOW.plus(Duration.ofHours(2));

    engine.outbox().take(Lane.DEMOTION, 1, 1_000, NOW);
    assertThat(engine.sweeps().sweep(Sweep.LEASES, 1, muchLater)).isZero();
    engine.outbox().giveBack(List.of(find("a").key()));
    assertThat(engine.sweeps().sweep(Sweep.LEASES, 1, muchLater)).isEqualTo(1);
    assertThat(find("a").state()).isEqualTo(Pending.STATE);
  }

  @Test
  void aDemotedAtMostOnceRow_waitsForItsCommitToo() {
    engine.arrivals().add(List.of(new Arrival(once("a", 4), Route.DEMOTION)), NOW);
    assertThat(engine.outbox().take(Lane.DEMOTION, 1, 1_000, NOW)).isEmpty();

    engine.positions().acknowledge(Map.of(ORIGIN, 5L));
    engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW);

    assertThat(engine.outbox().take(Lane.DEMOTION, 1, 1_000, NOW)).hasSize(1);
  }

  @Test
  void awaitedPartitions_areThoseOfFinishedAndHeldRows() {
    assertThat(engine.positions().awaited()).isEmpty();
    add(task("a"), task("b"));
    assertThat(engine.positions().awaited()).isEmpty();

    conclude("a", Conclusion.COMPLETE);
    assertThat(engine.positions().awaited()).containsExactly(ORIGIN);

    engine.positions().acknowledge(Map.of(new Partition("taskworker", 1), 99L));
    assertThat(engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW)).isZero();
    engine.positions().acknowledge(Map.of(ORIGIN, 1L));
    assertThat(engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW)).isEqualTo(1);
    assertThat(engine.positions().awaited()).isEmpty();
  }

  @Test
  void aTopicThatIsNoLongerConsumed_endsEveryWait() {
    add(task("a"));
    conclude("a", Conclusion.COMPLETE);

    engine.positions().onlyConsumed(Set.of("another"));

    assertThat(engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW)).isEqualTo(1);
    assertThat(engine.find("a")).isNull();
  }
}
