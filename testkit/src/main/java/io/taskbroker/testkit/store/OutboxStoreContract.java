package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Extend this once per store, give it an empty one, and add nothing. */
public abstract class OutboxStoreContract extends StoreContract {
  private static final long PLENTY = 1_000_000;

  private void awaitingRetry(Activations... tasks) {
    for (Activations task : tasks) {
      add(task);
      conclude(task.build().id(), Conclusion.RETRY);
    }
  }

  private List<Taken> take(Lane lane) {
    return store.outbox().take(lane, 100, PLENTY);
  }

  private static List<String> idsOf(List<Taken> taken) {
    return taken.stream().map(one -> one.row().activation().id()).toList();
  }

  private static List<Long> keysOf(List<Taken> taken) {
    return taken.stream().map(one -> one.row().key()).toList();
  }

  @Test
  @DisplayName("19.17: dead letters leave in the order in which they are stored")
  final void take_givesTheOldestRowsOfTheLane() {
    add(
        pending("1").deadLettered(),
        pending("2").deadLettered(),
        pending("3"),
        pending("4").deadLettered(),
        pending("retry"));
    List.of("4", "3", "2", "1").forEach(id -> conclude(id, Conclusion.FAILURE));
    conclude("retry", Conclusion.RETRY);

    assertThat(idsOf(take(Lane.DEAD_LETTER))).containsExactly("1", "2", "4");
    assertThat(idsOf(take(Lane.RETRY))).containsExactly("retry");
    assertThat(take(Lane.DEMOTION)).isEmpty();
  }

  @Test
  final void take_givesPayloadAndOverrideAsStored() {
    add(pending("a"));
    conclude("a", Conclusion.RETRY, new RetryOverride(4, 60L));

    Taken taken = take(Lane.RETRY).getFirst();

    assertThat(new String(taken.payload(), UTF_8)).isEqualTo("payload of a");
    assertThat(taken.row().retry()).isEqualTo(new RetryOverride(4, 60L));
    assertThat(taken.row().activation()).isEqualTo(pending("a").build());
  }

  @Test
  final void take_givesARowToOneCallerOnly() {
    awaitingRetry(pending("a"), pending("b"));

    assertThat(store.outbox().take(Lane.RETRY, 1, PLENTY)).hasSize(1);
    assertThat(idsOf(take(Lane.RETRY))).containsExactly("b");
    assertThat(take(Lane.RETRY)).isEmpty();
  }

  @Test
  final void take_isBoundedInRowsAndBytes() {
    awaitingRetry(
        pending("a").payload(new byte[60]),
        pending("b").payload(new byte[60]),
        pending("c").payload(new byte[200]),
        pending("d").payload(new byte[10]));

    assertThat(idsOf(store.outbox().take(Lane.RETRY, 1, 100))).containsExactly("a");
    assertThat(idsOf(store.outbox().take(Lane.RETRY, 10, 100))).containsExactly("b");
    assertThat(idsOf(store.outbox().take(Lane.RETRY, 10, 100))).containsExactly("c"); // alone
    assertThat(idsOf(store.outbox().take(Lane.RETRY, 10, 100))).containsExactly("d");
  }

  @Test
  @DisplayName("Ours: a row stays until Kafka has acknowledged its record")
  final void aTakenRow_staysUntilItIsConfirmed() {
    awaitingRetry(pending("a"));
    add(pending("b").deadLettered());
    conclude("b", Conclusion.FAILURE);
    List<Taken> retries = take(Lane.RETRY);
    List<Taken> letters = take(Lane.DEAD_LETTER);

    assertThat(status("a")).isEqualTo(Status.RETRY);
    assertThat(status("b")).isEqualTo(Status.FAILURE);
    assertThat(store.sweeps().depths().outbox()).isEqualTo(2);

    store.outbox().published(keysOf(retries));
    store.outbox().published(keysOf(letters));

    assertThat(status("a")).isEqualTo(Status.COMPLETE);
    assertThat(status("b")).isEqualTo(Status.COMPLETE);
    assertThat(store.sweeps().depths().outbox()).isZero();
  }

  @Test
  final void aTakenRow_isTakenAgainAfterARestart() {
    awaitingRetry(pending("a"));
    take(Lane.RETRY);

    store.reopen();

    assertThat(idsOf(take(Lane.RETRY))).containsExactly("a");
  }

  @Test
  final void published_mayBeSaidTwice() {
    acknowledge(1);
    awaitingRetry(pending("a").offset(0));
    List<Long> keys = keysOf(take(Lane.RETRY));

    store.outbox().published(keys);
    store.outbox().published(keys);

    assertGone("a");
  }

  @Test
  final void giveBack_putsARowBackInItsPlace() {
    awaitingRetry(pending("a"), pending("b"), pending("c"));
    List<Taken> taken = store.outbox().take(Lane.RETRY, 2, PLENTY);

    store.outbox().giveBack(keysOf(taken));

    assertThat(idsOf(take(Lane.RETRY))).containsExactly("a", "b", "c");
  }

  @Test
  @DisplayName("Ours: what Kafka will never take is kept, counted, and holds up nothing")
  final void park_setsARowAside() {
    awaitingRetry(pending("a"), pending("b"));
    List<Taken> taken = take(Lane.RETRY);

    store.outbox().park(taken.getFirst().row().key(), "too large for the topic");
    store.outbox().giveBack(List.of(taken.getLast().row().key()));

    assertThat(idsOf(take(Lane.RETRY))).containsExactly("b");
    assertThat(row("a").parked()).isEqualTo("too large for the topic");
    assertThat(status("a")).isEqualTo(Status.RETRY);
    assertThat(depths().parked()).isEqualTo(1);
  }

  private List<String> parked() {
    return store.tasks().parked(0, 100).tasks().stream().map(row -> row.activation().id()).toList();
  }

  private Verdict settle(ParkedAct act, long key) {
    return store.steering().settle(act, List.of(key)).getFirst();
  }

  @Test
  @DisplayName(
      "Ours: what Kafka has refused is seen, tried again, or dropped, as an operator wants")
  final void whatIsParked_isListed_retried_andDropped() {
    acknowledge(10);
    awaitingRetry(pending("a").atMostOnce(), pending("b"), pending("c"));
    List<Taken> taken = take(Lane.RETRY);
    long a = taken.get(0).row().key();
    long b = taken.get(1).row().key();
    long c = taken.get(2).row().key();
    store.outbox().park(a, "too large");
    store.outbox().refused(b, "not now");
    assertThat(settle(ParkedAct.DROP, c)).isEqualTo(Verdict.LEAVING);
    store.outbox().giveBack(List.of(c));

    assertThat(parked()).containsExactly("a", "b");
    assertThat(store.tasks().parked(0, 1).tasks())
        .singleElement()
        .satisfies(row -> assertThat(row.parked()).isEqualTo("too large"));
    assertThat(store.tasks().parked(a, 100).tasks()).hasSize(1);
    assertThat(settle(ParkedAct.RETRY, c)).isEqualTo(Verdict.WITHOUT_EFFECT);
    assertThat(settle(ParkedAct.DROP, 999)).isEqualTo(Verdict.NOT_STORED);
    assertThat(settle(ParkedAct.RETRY, b)).isEqualTo(Verdict.DONE);
    assertThat(settle(ParkedAct.DROP, a)).isEqualTo(Verdict.DONE);

    assertThat(parked()).isEmpty();
    assertThat(depths().parked()).isZero();
    assertGone("a");
    List<Taken> again = take(Lane.RETRY);
    assertThat(idsOf(again)).containsExactly("b", "c");
    assertThat(again.getFirst().row().refusals()).isZero();
    assertThat(store.tasks().findEnded("a"))
        .hasValueSatisfying(end -> assertThat(end.ending()).isEqualTo(Ending.CANCELLED));
  }

  @Test
  final void park_ofARowThatIsOverDoesNothing() {
    awaitingRetry(pending("a"));
    long key = take(Lane.RETRY).getFirst().row().key();
    store.outbox().published(List.of(key));
    assertThat(status("a")).isEqualTo(Status.COMPLETE);

    store.outbox().park(key, "too late");
    store.outbox().park(999, "no such row");

    assertThat(row("a").parked()).isNull();
    assertThat(depths().parked()).isZero();
  }

  @Test
  @DisplayName("Ours: what is refused for a cause that may pass leaves by itself")
  final void refused_setsARowAsideForAWhile() {
    awaitingRetry(pending("a"), pending("b"));
    List<Taken> taken = take(Lane.RETRY);

    store.outbox().refused(taken.getFirst().row().key(), "a policy forbids it");
    store.outbox().giveBack(List.of(taken.getLast().row().key()));

    assertThat(idsOf(take(Lane.RETRY))).containsExactly("b");
    assertThat(row("a").parked()).isEqualTo("a policy forbids it");
    assertThat(depths().parked()).isEqualTo(1);
    time.advance(Duration.ofSeconds(5));
    assertThat(take(Lane.RETRY))
        .singleElement()
        .satisfies(again -> assertThat(again.row().refusals()).isEqualTo(1));
    assertThat(depths().parked()).isZero();
    assertThat(row("a").parked()).isNull();
  }

  @Test
  final void refused_isForgottenByARestart() {
    awaitingRetry(pending("a"));
    store.outbox().refused(take(Lane.RETRY).getFirst().row().key(), "a policy forbids it");

    store.reopen();
    assertThat(take(Lane.RETRY)).isEmpty();
    store.outbox().unpark();

    assertThat(idsOf(take(Lane.RETRY))).containsExactly("a");
  }

  private void onceAwaitingRetry(String id) {
    add(pending(id).atMostOnce().deadLettered().offset(0));
    acknowledge(1);
    sweep(Sweep.COMMITTED);
    conclude(id, Conclusion.RETRY);
  }

  @Test
  @DisplayName(
      "Ours: an at-most-once retry with an unknown end neither leaves again nor comes back")
  final void uncertain_makesTheRowFail() {
    onceAwaitingRetry("a");
    List<Taken> taken = take(Lane.RETRY);
    assertThat(row("a").underWay()).isTrue();

    store.outbox().uncertain(keysOf(taken), "Kafka has not answered");

    assertThat(status("a")).isEqualTo(Status.FAILURE);
    assertThat(store.sweeps().totals().uncertain()).isEqualTo(1);
    assertThat(take(Lane.RETRY)).isEmpty();
    assertThat(take(Lane.DEAD_LETTER))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter.row().failure())
                    .isEqualTo(
                        new Failure(
                            FailureCause.RETRY_UNCERTAIN,
                            time.now().wallMs(),
                            "Kafka has not answered")));
  }

  @Test
  final void uncertain_ofADemotion_makesTheRowFail() {
    add(pending("a").atMostOnce().deadLettered().offset(0));
    acknowledge(1);
    sweep(Sweep.COMMITTED);
    store.rules().demote(Set.of("orders"), 10);

    store.outbox().uncertain(keysOf(take(Lane.DEMOTION)), "Kafka has not answered");
    assertThat(status("a")).isEqualTo(Status.FAILURE);
    time.advance(Duration.ofHours(2));
    sweep(Sweep.LEASES);

    assertThat(status("a")).isEqualTo(Status.FAILURE);
    assertThat(take(Lane.DEAD_LETTER))
        .extracting(letter -> letter.row().failure())
        .containsExactly(
            new Failure(FailureCause.DEMOTION_UNCERTAIN, NOON, "Kafka has not answered"));
  }

  /** A worker is late, and says so after its task was taken for a demoted copy. */
  private List<Long> demotedAndReportedLate(String id, Conclusion conclusion) {
    add(pending(id).deadLettered());
    store.rules().demote(Set.of("orders"), 10);
    List<Long> copies = keysOf(take(Lane.DEMOTION));
    conclude(id, conclusion);
    return copies;
  }

  @Test
  @DisplayName("Ours: a late report counts, though a demoted copy reaches Kafka after it")
  final void published_ofACopy_leavesALateRetryToLeave() {
    List<Long> copies = demotedAndReportedLate("a", Conclusion.RETRY);
    assertThat(take(Lane.RETRY)).isEmpty(); // until it is known what became of the copy

    store.outbox().published(copies);

    assertThat(status("a")).isEqualTo(Status.RETRY);
    List<Taken> retries = take(Lane.RETRY);
    assertThat(idsOf(retries)).containsExactly("a");
    store.outbox().published(keysOf(retries));
    assertThat(status("a")).isEqualTo(Status.COMPLETE);
  }

  @Test
  final void published_ofACopy_leavesALateFailureToLeave() {
    store.outbox().published(demotedAndReportedLate("a", Conclusion.FAILURE));

    assertThat(status("a")).isEqualTo(Status.FAILURE);
    assertThat(idsOf(take(Lane.DEAD_LETTER))).containsExactly("a");
  }

  @Test
  final void refusal_ofACopy_leavesALateReportToLeave() {
    List<Long> parked = demotedAndReportedLate("parked", Conclusion.FAILURE);
    List<Long> refused = demotedAndReportedLate("refused", Conclusion.FAILURE);
    List<Long> returned = demotedAndReportedLate("returned", Conclusion.FAILURE);

    store.outbox().park(parked.getFirst(), "too large");
    store.outbox().refused(refused.getFirst(), "too early");
    store.outbox().giveBack(returned);

    assertThat(idsOf(take(Lane.DEAD_LETTER))).containsExactly("parked", "refused", "returned");
  }

  @Test
  final void uncertain_ofACopy_leavesALateRetryToLeave() {
    add(pending("a").atMostOnce().deadLettered().offset(0));
    acknowledge(1);
    sweep(Sweep.COMMITTED);
    store.rules().demote(Set.of("orders"), 10);
    List<Taken> copies = take(Lane.DEMOTION);
    conclude("a", Conclusion.RETRY);

    store.outbox().uncertain(keysOf(copies), "Kafka has not answered");

    assertThat(status("a")).isEqualTo(Status.RETRY);
    assertThat(idsOf(take(Lane.RETRY))).containsExactly("a");
  }

  @Test
  final void uncertain_concernsOnlyWhatMustLeaveOnce() {
    awaitingRetry(pending("a"));

    store.outbox().uncertain(keysOf(take(Lane.RETRY)), "Kafka has not answered");

    assertThat(status("a")).isEqualTo(Status.RETRY);
  }

  @Test
  final void giveBack_ofWhatMustLeaveOnce_letsItLeave() {
    onceAwaitingRetry("a");

    store.outbox().giveBack(keysOf(take(Lane.RETRY)));
    assertThat(row("a").underWay()).isFalse();
    store.reopen();

    assertThat(idsOf(take(Lane.RETRY))).containsExactly("a");
  }

  @Test
  @DisplayName("Ours: the end of the process between sending and confirming is an unknown end")
  final void whatMustLeaveOnce_andWasTaken_hasFailedAfterARestart() {
    onceAwaitingRetry("a");
    take(Lane.RETRY);

    store.reopen();

    assertThat(status("a")).isEqualTo(Status.FAILURE);
    assertThat(store.sweeps().totals().uncertain()).isEqualTo(1);
    assertThat(take(Lane.RETRY)).isEmpty();
    assertThat(idsOf(take(Lane.DEAD_LETTER))).containsExactly("a");
  }

  @Test
  final void aDeadLetterOfWhatMayRunOnce_isTakenAgainAfterARestart() {
    add(pending("a").atMostOnce().deadLettered());
    conclude("a", Conclusion.FAILURE);
    take(Lane.DEAD_LETTER);

    store.reopen();

    assertThat(take(Lane.DEAD_LETTER))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter.row().failure())
                    .isEqualTo(new Failure(FailureCause.REPORTED, NOON)));
  }

  @Test
  final void aLateReport_doesNotDisturbARowOnItsWayOut() {
    awaitingRetry(pending("a"));
    List<Long> keys = keysOf(take(Lane.RETRY));
    conclude("a", Conclusion.COMPLETE);
    assertThat(take(Lane.RETRY)).isEmpty();

    store.outbox().published(keys);

    assertThat(status("a")).isEqualTo(Status.COMPLETE);
  }

  @Test
  @DisplayName("Ours: a bad record leaves for the dead-letter topic, and then does not come back")
  final void aBadRecord_leavesOnce() {
    Activation bad = Activation.badRecord(ORIGIN, 4, NOON - 10, NOON, 3, "not an activation");
    NewActivation arriving = new NewActivation(bad, new byte[] {1, 2, 3});
    store.intake().add(List.of(arriving), new AssignmentEpoch());
    store.reopen();

    Taken taken = take(Lane.DEAD_LETTER).getFirst();
    assertThat(taken.row().activation()).isEqualTo(bad);
    assertThat(taken.payload()).containsExactly(1, 2, 3);

    store.outbox().published(List.of(taken.row().key()));
    assertThat(store.intake().add(List.of(arriving), new AssignmentEpoch())).isZero();
    assertThat(take(Lane.DEAD_LETTER)).isEmpty();

    acknowledge(5);
    sweep(Sweep.COMMITTED);
    assertThat(store.rows()).isEmpty();
  }
}
