package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Extend this once per store, give it an empty one, and add nothing. */
public abstract class PushStoreContract extends StoreContract {
  @Test
  @DisplayName("19.8: a limit above what there is takes what there is")
  final void claimForPush_takesTheOldestOfTheApplicationUpToTheLimit() {
    add(pending("1"), pending("other").application("other"), pending("2"), pending("3"));

    assertThat(ids(claimForPush(2))).containsExactlyInAnyOrder("1", "2");
    assertThat(ids(claimForPush(100))).containsExactly("3");
    assertThat(claimForPush(100)).isEmpty();
    assertThat(status("1")).isEqualTo(Status.CLAIMED);
    assertThat(row("1").untilMs()).isEqualTo(NOON + LEASE.toMillis());
    assertThat(status("other")).isEqualTo(Status.PENDING);
  }

  @Test
  @DisplayName("Ours: what is claimed together has a limit in bytes, too")
  final void claimForPush_takesAsManyAsHaveTheBytesTogether_orOneThatHasMore() {
    add(
        pending("1").payload(new byte[60]),
        pending("2").payload(new byte[40]),
        pending("3").payload(new byte[1]),
        pending("4").payload(new byte[500]),
        pending("5").payload(new byte[2]));

    assertThat(ids(claimForPush(10, 100))).containsExactlyInAnyOrder("1", "2");
    assertThat(ids(claimForPush(10, 100))).containsExactly("3");
    assertThat(ids(claimForPush(10, 100))).containsExactly("4");
    assertThat(ids(claimForPush(10, 100))).containsExactly("5");
    assertThat(status("5")).isEqualTo(Status.CLAIMED);
  }

  @Test
  final void accepted_startsTheDeadline() {
    add(pending("a"), pending("b"));
    Claim claim = claimForPush(1).getFirst().claim();
    time.advance(Duration.ofSeconds(2));

    assertThat(await(store.pushes().accepted(claim))).isTrue();

    assertThat(status("a")).isEqualTo(Status.PROCESSING);
    assertThat(row("a").untilMs()).isEqualTo(NOON + 2_000 + PATIENCE.toMillis());
    assertThat(status("b")).isEqualTo(Status.PENDING);
    assertThat(await(store.pushes().accepted(claim))).isFalse();
  }

  @Test
  final void accepted_ofAnOldClaimLeavesTheNewOne() {
    add(pending("a"));
    Claim old = claimForPush(1).getFirst().claim();
    store.pushes().release(List.of(old));
    claimForPush(1);

    assertThat(await(store.pushes().accepted(old))).isFalse();
    assertThat(status("a")).isEqualTo(Status.CLAIMED);
  }

  @Test
  final void sending_isAllowedForTheLatestClaimOnly() {
    add(pending("a"));
    Claim first = claimForPush(1).getFirst().claim();
    assertThat(await(store.pushes().sending(first))).isTrue();
    store.pushes().release(List.of(first));
    assertThat(await(store.pushes().sending(first))).isFalse();

    Claim second = claimForPush(1).getFirst().claim();
    assertThat(await(store.pushes().sending(first))).isFalse();
    assertThat(await(store.pushes().sending(second))).isTrue();

    conclude("a", Conclusion.COMPLETE);
    assertThat(await(store.pushes().sending(second))).isFalse();
  }

  @Test
  final void sending_isRefusedOnceTheLeaseIsOver_soThatTheTaskRunsLater() {
    add(pending("a").offset(0).atMostOnce());
    acknowledge(1);
    sweep(Sweep.COMMITTED);
    Claim claim = claimForPush(1).getFirst().claim();
    time.advance(LEASE.plus(MOMENT));

    assertThat(await(store.pushes().sending(claim))).isFalse();

    assertThat(sweep(Sweep.LEASES)).isOne();
    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  @Test
  @DisplayName("Ours: undoing a push is for its own claim only, never by id")
  final void release_ofAPushMakesItPendingAgain() {
    add(pending("a").offset(0).atMostOnce());
    acknowledge(1);
    sweep(Sweep.COMMITTED);
    Claim claim = claimForPush(1).getFirst().claim();
    await(store.pushes().sending(claim));

    store.pushes().release(List.of(claim));

    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  @Test
  @DisplayName("Ours: an activation whose pushes fail too often is hopeless")
  final void pushFailed_isCountedApartFromAttempts_untilTheActivationIsHopeless() {
    add(pending("a"), pending("b"));
    for (int push = 1; push <= SETTINGS.maxAttempts(); push++) {
      Claim claim = claimForPush(1).getFirst().claim();
      assertThat(claim.hopeless()).isNull();
      await(store.pushes().sending(claim));

      store.pushes().pushFailed(claim, "error " + push);
      assertThat(status("a")).isEqualTo(Status.CLAIMED);
      time.advance(LEASE.plus(MOMENT));
      assertThat(sweep(Sweep.LEASES)).isEqualTo(1);
      assertThat(row("a").attempts()).isZero();
    }

    assertThat(sweep(Sweep.ATTEMPTS)).isZero();
    List<Delivered> claimed = claimForPush(2);
    assertThat(ids(claimed)).containsExactly("a", "b");
    assertThat(claimed.getFirst().claim().hopeless())
        .isEqualTo("3 deliveries of it have failed, the last with: error 3");
    assertThat(claimed.getLast().claim().hopeless()).isNull();
  }

  @Test
  final void pushFailed_countsForTheLatestClaimOnly() {
    add(pending("a"));
    Claim first = claimForPush(1).getFirst().claim();
    store.pushes().release(List.of(first));
    Claim latest = claimForPush(1).getFirst().claim();

    for (int push = 0; push < SETTINGS.maxAttempts(); push++) {
      store.pushes().pushFailed(first, "late");
    }
    store.pushes().release(List.of(latest));

    assertThat(claimForPush(1).getFirst().claim().hopeless()).isNull();
  }

  @Test
  final void pushFailed_ofWhatIsGone_isLeftAlone() {
    add(pending("a"));
    Claim claim = claimForPush(1).getFirst().claim();
    conclude("a", Conclusion.COMPLETE);
    acknowledge(1);
    sweep(Sweep.COMMITTED);

    store.pushes().pushFailed(claim, "it breaks");

    assertGone("a");
  }

  @Test
  @DisplayName("Ours: failed pushes are counted for as long as the broker runs")
  final void pushFailed_isForgottenByTheNextProcess() {
    add(pending("a"));
    for (int push = 0; push < SETTINGS.maxAttempts(); push++) {
      Claim claim = claimForPush(1).getFirst().claim();
      store.pushes().pushFailed(claim, "it breaks");
      store.pushes().release(List.of(claim));
    }

    store.reopen();

    assertThat(claimForPush(1).getFirst().claim().hopeless()).isNull();
  }

  @Test
  @DisplayName("Ours: what no worker can ever take leaves for the dead-letter topic, once")
  final void reject_turnsItIntoABadRecord() {
    add(pending("a").offset(4));
    Claim claim = claimForPush(1).getFirst().claim();

    assertThat(await(store.pushes().reject(claim, new byte[] {7}, "too large"))).isTrue();
    assertThat(await(store.pushes().reject(claim, new byte[] {7}, "too large"))).isFalse();

    assertThat(status("a")).isEqualTo(Status.COMPLETE);
    assertThat(add(pending("a").offset(4))).isZero();
    Taken remains = store.outbox().take(Lane.DEAD_LETTER, 10, 1_000).getFirst();
    assertThat(remains.row().activation().defect()).isEqualTo("too large");
    assertThat(remains.row().activation().partition()).isEqualTo(ORIGIN);
    assertThat(remains.row().activation().offset()).isEqualTo(4);
    assertThat(remains.payload()).containsExactly(7);
  }

  @Test
  @DisplayName("Ours: of two tasks that bear the same id, one after the other, both leave")
  final void reject_keepsWhatIsLeftOfEachTask() {
    for (int offset = 0; offset < 2; offset++) {
      assertThat(add(pending("a").offset(offset))).isEqualTo(1);
      Claim claim = claimForPush(1).getFirst().claim();
      assertThat(await(store.pushes().reject(claim, new byte[] {7}, "too large"))).isTrue();
      acknowledge(offset + 1);
      sweep(Sweep.COMMITTED);
      assertGone("a");
    }

    assertThat(store.outbox().take(Lane.DEAD_LETTER, 10, 1_000))
        .extracting(taken -> taken.row().activation().offset())
        .containsExactly(0L, 1L);
  }

  @Test
  final void reject_leavesWhatNobodyHas() {
    add(pending("a"));
    Claim released = claimForPush(1).getFirst().claim();
    store.pushes().release(List.of(released));

    assertThat(await(store.pushes().reject(released, new byte[0], "too large"))).isFalse();
    assertThat(store.sweeps().depths().outbox()).isZero();
  }

  @Test
  final void pending_isCountedByApplication() {
    assertThat(store.pushes().hasPending()).isFalse();
    add(
        pending("1"),
        pending("2"),
        pending("3").application("other"),
        pending("4").application("other").atMostOnce());

    assertThat(store.pushes().hasPending()).isTrue();
    assertThat(store.pushes().pendingByApplication())
        .containsExactlyInAnyOrderEntriesOf(Map.of("shop", 2, "other", 1));

    claimForPush(2);
    assertThat(store.pushes().pendingByApplication()).containsExactly(Map.entry("other", 1));
  }
}
