package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Extend this once per store, give it an empty one, and add nothing. */
public abstract class IntakeStoreContract extends StoreContract {
  private static final Partition ELSEWHERE = new Partition("other", 7);

  // ---------------------------------------------------------------- adding

  @Test
  @DisplayName("19.1: an id that comes twice in one batch is stored once")
  final void add_storesAnIdOfABatchOnce() {
    assertThat(add(pending("a").application("first"), pending("a").application("second")))
        .isEqualTo(1);

    assertThat(claimOne().claim().activation().application()).isEqualTo("first");
    assertThat(claim()).isEmpty();
  }

  @Test
  @DisplayName("19.1: the same batch again changes nothing")
  final void add_ignoresABatchThatIsStored() {
    add(pending("a"), delayed("b", NOON + 60_000));
    List<KeptRow> before = store.rows();

    assertThat(add(pending("a"), delayed("b", NOON + 60_000))).isZero();
    assertThat(store.rows()).isEqualTo(before);
  }

  @Test
  final void add_ofNothingIsNothing() {
    assertThat(add()).isZero();
    assertThat(store.rows()).isEmpty();
  }

  @Test
  @DisplayName("19.23: a delay that is over is no delay; one that is not delays")
  final void add_delaysWhatIsNotYetDue() {
    add(delayed("past", NOON - 1), delayed("now", NOON), delayed("future", NOON + 1));

    assertThat(status("past")).isEqualTo(Status.PENDING);
    assertThat(status("now")).isEqualTo(Status.DELAY);
    assertThat(row("future").untilMs()).isEqualTo(NOON + 1);
  }

  @Test
  final void add_keepsEveryFact() {
    Activations all =
        pending("ünïcode ✓ '\"\\ id")
            .application("äpp")
            .namespace("")
            .taskname("täsk.name")
            .at(ELSEWHERE, 1L << 40)
            .receivedAt(NOON - 86_400_000)
            .addedAt(NOON - 5)
            .expiresAt(NOON + 1_000_000)
            .deadline(Duration.ofSeconds(Integer.MAX_VALUE))
            .deadLettered()
            .payload(new byte[] {0, -1, 1, 127, -128});
    Activation added = all.build();
    add(all);

    store.reopen();

    var delivered = claimOne();
    assertThat(delivered.claim().activation()).isEqualTo(added);
    assertThat(delivered.payload()).containsExactly(0, -1, 1, 127, -128);
  }

  @Test
  final void add_takesPayloadsOfAnySize() {
    add(
        pending("empty").payload(new byte[0]).addedAt(NOON),
        pending("large").payload(new byte[3_000_000]).addedAt(NOON + 1));

    assertThat(claimOne().payload()).isEmpty();
    assertThat(claimOne().payload()).hasSize(3_000_000);
  }

  @Test
  final void add_takesABatchOfThousands() {
    Activations[] batch =
        IntStream.range(0, 5_000).mapToObj(i -> pending("a" + i)).toArray(Activations[]::new);

    assertThat(add(batch)).isEqualTo(5_000);
    assertThat(store.sweeps().depths().pending()).isEqualTo(5_000);
  }

  @Test
  final void add_storesNothingOfAnAssignmentThatHasEnded() {
    var epoch = new AssignmentEpoch();
    epoch.end();

    assertThatThrownBy(() -> store.intake().add(List.of(pending("a").arriving()), epoch))
        .isInstanceOf(StoreException.Rejected.class);
    assertThat(store.rows()).isEmpty();
  }

  @Test
  final void add_isThereAfterAReopening() {
    add(pending("a"), delayed("b", NOON + 500));
    List<KeptRow> before = store.rows();

    store.reopen();

    assertThat(store.rows()).isEqualTo(before);
    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  final void aBadRecord_leavesByTheDeadLetterLaneAndIsNoTask() {
    Activation bad = Activation.badRecord(ORIGIN, 4, NOON - 10, NOON, 3, "not an activation");
    store
        .intake()
        .add(List.of(new NewActivation(bad, new byte[] {1, 2, 3})), new AssignmentEpoch());

    assertThat(claim()).isEmpty();
    assertThat(conclude(bad.id(), Conclusion.COMPLETE)).isFalse();
    assertThat(sweep(Sweep.DISCARDS)).isZero();
    assertThat(store.sweeps().depths().failed()).isZero();
    assertThat(store.sweeps().depths().outbox()).isEqualTo(1);
  }

  @Test
  final void aTaskNamedLikeABadRecord_standsInNobodysWay() {
    Activation bad = Activation.badRecord(ORIGIN, 4, NOON - 10, NOON, 3, "not an activation");
    add(pending(bad.id()));

    int added =
        store
            .intake()
            .add(List.of(new NewActivation(bad, new byte[] {1, 2, 3})), new AssignmentEpoch());

    assertThat(added).isEqualTo(1);
    assertThat(store.sweeps().depths().outbox()).isEqualTo(1);
    assertThat(conclude(bad.id(), Conclusion.COMPLETE)).isTrue();
    assertThat(store.sweeps().depths().outbox()).isEqualTo(1);
  }

  // ---------------------------------------------------------------- finished work

  @Test
  @DisplayName("Ours: finished work stays, without payload, until its record cannot come again")
  final void aFinishedRow_staysUntilItsOffsetIsCommitted() {
    add(pending("a").offset(4).payload(new byte[100]));
    conclude("a", Conclusion.COMPLETE);

    assertThat(status("a")).isEqualTo(Status.COMPLETE);
    assertThat(store.sweeps().depths().unfinished()).isZero();
    assertThat(store.sweeps().depths().finished()).isEqualTo(1);
    assertThat(store.sweeps().depths().payloadBytes()).isZero();
    assertThat(store.intake().awaitedPartitions()).containsExactly(ORIGIN);

    acknowledge(4);
    sweep(Sweep.COMMITTED);
    assertThat(status("a")).isEqualTo(Status.COMPLETE);

    acknowledge(5);
    sweep(Sweep.COMMITTED);
    assertGone("a");
    assertThat(store.intake().awaitedPartitions()).isEmpty();
  }

  @Test
  @DisplayName("Ours: a record that comes again does not bring finished work back")
  final void aFinishedRow_ignoresItsRecord() {
    add(pending("a").offset(4));
    conclude("a", Conclusion.COMPLETE);
    store.reopen();

    assertThat(add(pending("a").offset(4))).isZero();
    assertThat(claim()).isEmpty();
  }

  @Test
  final void aFinishedRow_goesAtOnceIfItsOffsetIsCommitted() {
    acknowledge(5);
    add(pending("a").offset(4));

    conclude("a", Conclusion.COMPLETE);

    assertGone("a");
  }

  @Test
  final void aFinishedRow_goesWhenItsTopicIsNoLongerConsumed() {
    add(pending("a").at(ELSEWHERE, 4), pending("b").offset(4));
    conclude("a", Conclusion.COMPLETE);
    conclude("b", Conclusion.COMPLETE);

    store.sweeps().onlyConsumed(Set.of(ORIGIN.topic()));
    sweep(Sweep.COMMITTED);

    assertGone("a");
    assertThat(status("b")).isEqualTo(Status.COMPLETE);
  }

  @Test
  final void aFinishedRow_ofUnknownOriginGoesAtOnce() {
    add(pending("a").at(new Partition("taskworker", -1), 4));

    conclude("a", Conclusion.COMPLETE);

    assertGone("a");
  }

  @Test
  final void anAcknowledgedPosition_isRemembered() {
    acknowledge(5);
    add(pending("other").offset(9)); // any answered command: what went before it is kept
    store.reopen();

    add(pending("a").offset(4));
    conclude("a", Conclusion.COMPLETE);

    assertGone("a");
  }

  @Test
  final void anAcknowledgedPosition_doesNotGoBack() {
    acknowledge(5);
    acknowledge(3);
    add(pending("a").offset(4));

    conclude("a", Conclusion.COMPLETE);

    assertGone("a");
  }

  // ---------------------------------------------------------------- at most once

  @Test
  @DisplayName("Ours: an at-most-once task waits until the commit of its offset is acknowledged")
  final void atMostOnce_waitsForTheCommitOfItsOffset() {
    add(pending("a").offset(4).atMostOnce());

    assertThat(claim()).isEmpty();
    assertThat(status("a")).isEqualTo(Status.PENDING);
    assertThat(store.sweeps().depths().uncommitted()).isEqualTo(1);
    assertThat(store.intake().awaitedPartitions()).containsExactly(ORIGIN);

    acknowledge(5);
    sweep(Sweep.COMMITTED);

    assertThat(id(claimOne())).isEqualTo("a");
    assertThat(store.sweeps().depths().uncommitted()).isZero();
    assertThat(store.intake().awaitedPartitions()).isEmpty();
  }

  @Test
  final void atMostOnce_waitsWhileItIsDelayedToo() {
    add(delayed("a", NOON + 100).offset(4).atMostOnce());
    time.advance(Duration.ofMillis(101));
    sweep(Sweep.DELAYS);
    assertThat(claim()).isEmpty();

    acknowledge(5);
    sweep(Sweep.COMMITTED);

    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  @DisplayName("Ours: lost before its commit, it runs only if its record comes again")
  final void atMostOnce_runsAfterALossOnlyIfItsRecordComesAgain() {
    add(pending("a").offset(4).atMostOnce(), pending("b").offset(5).atMostOnce());
    store.intake().lost(List.of(ORIGIN));
    add(pending("b").offset(5).atMostOnce());

    acknowledge(6);
    sweep(Sweep.COMMITTED);

    assertThat(id(claimOne())).isEqualTo("b");
    assertThat(claim()).isEmpty();
    assertThat(status("a")).isEqualTo(Status.FAILURE);
  }

  @Test
  final void atMostOnce_isNotMistakenForAnotherRecordOfTheSameId() {
    add(pending("a").offset(4).atMostOnce());
    store.intake().lost(List.of(ORIGIN));

    add(pending("a").offset(9).atMostOnce());
    acknowledge(10);
    sweep(Sweep.COMMITTED);

    assertThat(claim()).isEmpty();
    assertThat(status("a")).isEqualTo(Status.FAILURE);
  }

  @Test
  @DisplayName("Ours: so it is after the end of a process")
  final void atMostOnce_runsAfterARestartOnlyIfItsRecordComesAgain() {
    add(pending("a").offset(4).atMostOnce(), pending("b").offset(5).atMostOnce());
    store.reopen();
    assertThat(claim()).isEmpty();

    add(pending("b").offset(5).atMostOnce());
    acknowledge(6);
    sweep(Sweep.COMMITTED);

    assertThat(id(claimOne())).isEqualTo("b");
    assertThat(status("a")).isEqualTo(Status.FAILURE);
  }

  @Test
  @DisplayName("Ours: what another broker may have run is not forgotten by a restart either")
  final void atMostOnce_thatWasOvertakenDoesNotRunAfterARestart() {
    add(pending("a").offset(4).atMostOnce(), pending("b").offset(5).atMostOnce());
    store.intake().lost(List.of(ORIGIN));
    add(pending("b").offset(5).atMostOnce());
    acknowledge(6);
    store.reopen(); // before anything was made of it, where that is not done at once

    acknowledge(6);
    sweep(Sweep.COMMITTED);

    assertThat(status("a")).isEqualTo(Status.FAILURE);
  }

  @Test
  final void atMostOnce_thatWasCommittedRunsAfterARestart() {
    add(pending("a").offset(4).atMostOnce());
    acknowledge(5);
    sweep(Sweep.COMMITTED);
    store.reopen();

    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  final void aLoss_concernsOnlyWhatIsNotCommitted() {
    add(pending("a").offset(4).atMostOnce(), pending("b").at(ELSEWHERE, 4).atMostOnce());
    acknowledge(5);
    store.intake().lost(List.of(ORIGIN));
    store.intake().acknowledged(Map.of(ELSEWHERE, 5L));
    sweep(Sweep.COMMITTED);

    assertThat(List.of(id(claimOne()), id(claimOne()))).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  final void atMostOnce_mayBeReportedOnWhileItWaits() {
    add(pending("a").offset(4).atMostOnce());

    assertThat(conclude("a", Conclusion.RETRY, new RetryOverride(3, null))).isTrue();
    assertThat(status("a")).isEqualTo(Status.RETRY);
  }

  // ---------------------------------------------------------------- a topic of the same name

  @Test
  @DisplayName("Ours: a topic that was deleted and created anew begins at offset 0 again")
  final void atMostOnce_waitsForTheCommitThatCoversItInTheNewTopic() {
    acknowledge(100);
    store.intake().assigned(Map.of(ORIGIN, 0L));
    add(pending("a").offset(4).atMostOnce());
    sweep(Sweep.COMMITTED);
    assertThat(claim()).isEmpty();

    acknowledge(5);
    sweep(Sweep.COMMITTED);
    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  final void finishedWork_staysUntilItIsCommittedInTheNewTopic() {
    acknowledge(100);
    store.intake().assigned(Map.of(ORIGIN, 0L));
    add(pending("a").offset(4));
    conclude("a", Conclusion.COMPLETE);
    sweep(Sweep.COMMITTED);

    assertThat(add(pending("a").offset(4))).isZero();
    acknowledge(5);
    sweep(Sweep.COMMITTED);
    assertGone("a");
  }

  @Test
  final void whereTheGroupStands_isKeptThroughARestart() {
    acknowledge(100);
    store.intake().assigned(Map.of(ORIGIN, 3L));
    store.reopen();
    add(pending("before").offset(2).atMostOnce(), pending("after").offset(3).atMostOnce());
    sweep(Sweep.COMMITTED);

    assertThat(id(claimOne())).isEqualTo("before");
    assertThat(claim()).isEmpty();
  }

  // ---------------------------------------------------------------- load

  @Test
  final void load_countsWhatIsStored() {
    add(
        pending("a").payload(new byte[10]),
        delayed("b", NOON + 100).payload(new byte[20]),
        delayed("far", NOON + Backpressure.FAR.toMillis() + 1));
    claimOne();

    var depths = store.intake().load().depths();

    assertThat(depths.pending()).isZero();
    assertThat(depths.processing()).isEqualTo(1);
    assertThat(depths.delayed()).isEqualTo(1);
    assertThat(depths.delayedFar()).isEqualTo(1);
    assertThat(depths.memoryBytes()).isPositive();
  }

  @Test
  @DisplayName("Ours: a far delay counts towards the limit on delays once it is near")
  final void load_countsAFarDelayOnceItIsNear() {
    add(delayed("far", NOON + Backpressure.FAR.toMillis() + 1));
    time.advance(MOMENT);
    sweep(Sweep.DELAYS);

    assertThat(store.intake().load().depths().delayed()).isEqualTo(1);
    assertThat(store.intake().load().depths().delayedFar()).isZero();
  }
}
