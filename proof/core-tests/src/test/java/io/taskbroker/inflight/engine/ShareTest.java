package io.taskbroker.inflight.engine;

import static io.taskbroker.inflight.engine.Tasks.NOW;
import static io.taskbroker.inflight.engine.Tasks.ORIGIN;
import static io.taskbroker.inflight.engine.Tasks.arriving;
import static io.taskbroker.inflight.engine.Tasks.once;
import static io.taskbroker.inflight.engine.Tasks.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Token;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** An engine whose rows come and go with their partitions. */
class ShareTest {
  private static final EngineSettings SETTINGS = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final Duration LEASE = Duration.ofSeconds(5);

  private final AtomicLong nextKey = new AtomicLong(1_000);
  private final InflightEngine engine = InflightEngine.sharing(SETTINGS, nextKey::getAndIncrement);

  ShareTest() {
    engine.begin(NOW);
    engine.grant(Budget.unlimited());
  }

  private static StoredActivation row(long key, String id, ActivationState state) {
    return new StoredActivation(key, task(id), state, 0, RetryOverride.NONE, null);
  }

  private static StoredActivation pending(long key, String id) {
    return row(key, id, Pending.STATE);
  }

  /** Rows of the ordinary partition, as a journal has them. */
  private void have(StoredActivation... rows) {
    engine.share().begin(ORIGIN, null, NOW);
    for (StoredActivation row : rows) {
      assertThat(engine.restore(row, NOW)).isZero();
    }
    engine.share().complete(ORIGIN);
    settle();
  }

  private Changes settle() {
    Changes changes = engine.changes();
    engine.settle();
    return changes;
  }

  private List<Claim> pull(int limit) {
    return engine.claims().pull(ClaimFilter.ANY, limit, NOW);
  }

  @Test
  void rowsCanBeClaimedFromTheFirstPageOn_inTheOrderOfArrival() {
    engine.share().begin(ORIGIN, null, NOW);
    engine.restore(pending(5, "a"), NOW);

    assertThat(pull(10)).extracting(Claim::key).containsExactly(5L);
    assertThat(engine.share().isHere(ORIGIN)).isFalse();
    engine.restore(pending(6, "b"), NOW);
    engine.restore(pending(7, "c"), NOW);
    engine.share().complete(ORIGIN);

    assertThat(pull(10)).extracting(Claim::key).containsExactly(6L, 7L);
    assertThat(engine.share().isHere(ORIGIN)).isTrue();
  }

  @Test
  void newRowsGetKeysFromOutside() {
    have(pending(5_000, "a"));

    assertThat(engine.arrivals().add(arriving(List.of(task("b"), task("a"), task("c"))), NOW))
        .containsExactly(1_000, 0, 1_001);
  }

  @Test
  void whatIsForgottenIsNoChange_andNobodyIsGivenIt() {
    have(pending(1, "a"), row(2, "b", AwaitingRetry.STATE), pending(3, "c"));

    engine.share().leave(ORIGIN);
    assertThat(engine.share().forget(ORIGIN)).isZero();

    assertThat(settle().isEmpty()).isTrue();
    assertThat(pull(10)).isEmpty();
    assertThat(engine.depths().unfinished()).isZero();
    assertThat(engine.depths().outbox()).isZero();
    assertThat(engine.depths().memoryBytes()).isEqualTo(emptyMemory());
    assertThat(engine.find("a")).isNull();
  }

  private static long emptyMemory() {
    InflightEngine empty = InflightEngine.sharing(SETTINGS, () -> 0);
    empty.begin(NOW);
    return empty.depths().memoryBytes();
  }

  @Test
  void forget_isCutWhereTheBudgetEnds_andGoesOnThere() {
    have(pending(1, "a"), pending(2, "b"), pending(3, "c"), pending(4, "d"), pending(5, "e"));
    engine.share().leave(ORIGIN);

    engine.grant(Budget.of(2, 1_000));
    assertThat(engine.share().forget(ORIGIN)).isEqualTo(-1);
    assertThat(engine.find("b")).isNull();
    assertThat(engine.find("c")).isNotNull();
    engine.grant(Budget.unlimited());
    assertThat(engine.share().forget(ORIGIN)).isZero();

    assertThat(engine.find("e")).isNull();
  }

  @Test
  void forget_leavesARowThatIsOnItsWayToKafka_untilAllIsForgotten() {
    have(row(1, "a", AwaitingRetry.STATE), row(2, "b", AwaitingRetry.STATE));
    assertThat(engine.outbox().take(Lane.RETRY, 1, 1_000, NOW)).hasSize(1);
    settle();
    engine.share().leave(ORIGIN);

    assertThat(engine.share().forget(ORIGIN)).isOne();
    assertThat(engine.outbox().take(Lane.RETRY, 10, 1_000, NOW)).isEmpty();
    assertThat(engine.find("a")).isNotNull();
    assertThat(engine.share().forgetAll(ORIGIN)).isTrue();

    assertThat(engine.find("a")).isNull();
    assertThat(engine.outbox().published(List.of(1L))).isZero();
    assertThat(settle().isEmpty()).isTrue();
  }

  private static StoredActivation failed(long key, String id, long atMs) {
    Failure failure = new Failure(FailureCause.RETRY_UNCERTAIN, atMs, "no answer");
    return new StoredActivation(
        key, task(id), Failed.STATE, 0, RetryOverride.NONE, null, failure, false, 0);
  }

  private void giveUp() {
    settle();
    engine.share().leave(ORIGIN);
    assertThat(engine.share().forgetAll(ORIGIN)).isTrue();
    engine.share().gone(ORIGIN);
  }

  @Test
  void whatKafkaHasTakenWhileThePartitionWasAway_doesNotLeaveAgain() {
    have(failed(1, "a", 7));
    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).hasSize(1);
    giveUp();
    assertThat(engine.outbox().published(List.of(1L))).isZero();

    have(failed(1, "a", 7));

    assertThat(engine.outbox().takeInDoubt()).containsExactly(1L);
    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).isEmpty();
    assertThat(engine.depths().outbox()).isZero();
  }

  @Test
  void whatHasFailedAnewWhileThePartitionWasAway_leavesThoughKafkaHasTheFirstFailure() {
    have(failed(1, "a", 7));
    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).hasSize(1);
    giveUp();
    assertThat(engine.outbox().published(List.of(1L))).isZero();

    have(failed(1, "a", 8)); // an operator had sent it back into the queue meanwhile

    assertThat(engine.outbox().takeInDoubt()).isEmpty();
    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).hasSize(1);
    assertThat(engine.outbox().published(List.of(1L))).isOne();
  }

  @Test
  void whatHasFailedAnewWhileThePartitionWasAway_waitsForWhoHasTheFirstFailure() {
    have(failed(1, "a", 7));
    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).hasSize(1);
    giveUp();

    have(failed(1, "a", 8));

    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).isEmpty();
    engine.outbox().giveBack(List.of(1L));
    assertThat(engine.outbox().take(Lane.DEAD_LETTER, 1, 1_000, NOW)).hasSize(1);
  }

  @Test
  void whatIsLeftToAPublisherMustLeaveOnce_alsoIfThatWasForgotten() {
    StoredActivation once =
        new StoredActivation(1, once("a", 5), AwaitingRetry.STATE, 0, RetryOverride.NONE, null);
    engine.positions().acknowledge(Map.of(ORIGIN, 9L));
    have(once);
    assertThat(engine.outbox().take(Lane.RETRY, 1, 1_000, NOW)).hasSize(1);
    engine.share().forgetEverything();

    have(once);
    assertThat(engine.outbox().uncertain(1L, "no answer", NOW)).isTrue();

    assertThat(engine.find("a")).returns(Failed.STATE, StoredActivation::state);
  }

  @Test
  void whatWasPutAsideAtItsPublisher_leavesWhenItComesBack() {
    have(row(1, "a", AwaitingRetry.STATE));
    assertThat(engine.outbox().take(Lane.RETRY, 1, 1_000, NOW)).hasSize(1);
    assertThat(engine.putAside(1L, "it cannot be written")).isTrue();
    engine.outbox().giveBack(List.of(1L));
    giveUp();

    have(row(1, "a", AwaitingRetry.STATE));

    assertThat(engine.outbox().take(Lane.RETRY, 1, 1_000, NOW)).hasSize(1);
  }

  @Test
  void outbox_givesNoRowOfAPartitionThatGoes() {
    have(row(1, "a", AwaitingRetry.STATE));
    engine.share().leave(ORIGIN);

    assertThat(engine.outbox().take(Lane.RETRY, 10, 1_000, NOW)).isEmpty();
  }

  @Test
  void forget_releasesClaimsThatWereNotSent_andLeavesThoseThatWere() {
    have(pending(1, "a"), pending(2, "b"));
    List<Claim> claims = engine.claims().claimForPush("shop", 2, 1_000, LEASE, NOW);
    settle();
    assertThat(engine.claims().sending(claims.get(0), NOW)).isTrue();
    settle();
    engine.share().leave(ORIGIN);

    assertThat(engine.share().forget(ORIGIN)).isEqualTo(2);

    Changes changes = settle();
    assertThat(changes.updated())
        .extracting(StoredActivation::key, StoredActivation::state)
        .containsExactly(tuple(2L, Pending.STATE));
    assertThat(engine.share().forget(ORIGIN)).isOne();
    assertThat(engine.claims().sending(claims.get(1), NOW)).isFalse();
    assertThat(engine.claims().accepted(claims.get(0), NOW)).isTrue();
    settle();
    assertThat(engine.share().forget(ORIGIN)).isZero();
  }

  @Test
  void aReleaseThatCouldNotBeWritten_leavesTheClaim() {
    have(pending(1, "a"));
    Claim claim = engine.claims().claimForPush("shop", 1, 1_000, LEASE, NOW).getFirst();
    settle();
    engine.share().leave(ORIGIN);

    assertThat(engine.share().forget(ORIGIN)).isOne();
    engine.undo();

    assertThat(engine.claims().sending(claim, NOW)).isTrue();
    settle();
    assertThat(engine.share().forgetAll(ORIGIN)).isTrue();
    assertThat(engine.claims().sending(claim, NOW)).isFalse();
  }

  @Test
  void rowsOfOtherPartitionsStay() {
    Partition other = new Partition(ORIGIN.topic(), 7);
    have(pending(1, "a"));
    engine.share().begin(other, 40L, NOW);
    engine.share().complete(other);
    engine.share().leave(other);

    assertThat(engine.share().forget(other)).isZero();
    engine.share().gone(other);

    assertThat(pull(10)).extracting(Claim::key).containsExactly(1L);
    assertThat(engine.share().all()).containsExactly(ORIGIN);
  }

  @Test
  void positionsOfPartitionsThatAreElsewhereAreNoChange() {
    engine.positions().acknowledge(Map.of(ORIGIN, 7L));
    engine.positions().assigned(Map.of(ORIGIN, 9L));

    assertThat(settle().positions()).isEmpty();
  }

  /** Its record comes to whoever has the row, so nobody else can have run it. */
  @Test
  void anAtMostOnceRowWaitsForItsCommitAlone_alsoIfThePartitionWasLostMeanwhile() {
    engine.share().begin(ORIGIN, 3L, NOW);
    engine.restore(
        new StoredActivation(1, once("a", 5), Pending.STATE, 0, RetryOverride.NONE, null), NOW);
    engine.share().complete(ORIGIN);
    assertThat(pull(10)).isEmpty();

    assertThat(engine.positions().lose(ORIGIN)).isTrue();
    engine.positions().assigned(Map.of(ORIGIN, 6L));
    engine.sweeps().sweep(Sweep.COMMITTED, 10, NOW);

    assertThat(pull(10)).extracting(Claim::key).containsExactly(1L);
    assertThat(engine.totals().overtaken()).isZero();
  }

  @Test
  void aTokenOfAnEarlierOwnerIsNotGivenAgain() {
    StoredActivation left =
        new StoredActivation(
            1, task("a"), Pending.STATE, 0, RetryOverride.NONE, null, null, false, 1L << 43);
    have(left);

    long round = Token.roundOf(pull(1).getFirst().token());

    assertThat(round).isGreaterThan(1L << 43);
  }

  @Test
  void aRowThatAnotherBrokerHasParkedIsTriedAgain() {
    engine.share().begin(ORIGIN, null, NOW);
    engine.restore(
        new StoredActivation(1, task("a"), AwaitingRetry.STATE, 0, RetryOverride.NONE, "refused"),
        NOW);
    engine.share().complete(ORIGIN);

    assertThat(engine.outbox().take(Lane.RETRY, 10, 1_000, NOW)).hasSize(1);
  }

  @Test
  void forgetEverything_leavesNothingButWhatKafkaHasAcknowledged() {
    have(pending(1, "a"), pending(2, "b"));
    engine.positions().acknowledge(Map.of(ORIGIN, 7L));
    settle();
    pull(1);
    engine.claims().conclude("b", Conclusion.RETRY, RetryOverride.NONE, NOW);
    engine.undo();

    engine.share().forgetEverything();

    assertThat(engine.depths().unfinished()).isZero();
    assertThat(engine.share().all()).isEmpty();
    engine.share().begin(ORIGIN, 3L, NOW);
    engine.restore(pending(1, "a"), NOW);
    engine.share().complete(ORIGIN);
    assertThat(settle().positions()).containsExactly(Map.entry(ORIGIN, 7L));
    assertThat(pull(10)).hasSize(1);
  }

  @Test
  void whatWasAcknowledgedWhileAPartitionWasElsewhereHoldsOnceItIsHere_unlessTheGroupWasSetBack() {
    engine.positions().acknowledge(Map.of(ORIGIN, 9L));
    engine.positions().acknowledge(Map.of(ORIGIN, 8L));
    engine.share().begin(ORIGIN, 3L, NOW);
    engine.share().complete(ORIGIN);
    assertThat(settle().positions()).containsExactly(Map.entry(ORIGIN, 9L));
    engine.share().leave(ORIGIN);
    assertThat(engine.share().forgetAll(ORIGIN)).isTrue();
    engine.share().gone(ORIGIN);

    engine.positions().acknowledge(Map.of(ORIGIN, 12L));
    engine.positions().assigned(Map.of(ORIGIN, 4L));
    engine.share().begin(ORIGIN, 9L, NOW);
    engine.share().complete(ORIGIN);

    assertThat(settle().positions()).isEmpty();
  }
}
