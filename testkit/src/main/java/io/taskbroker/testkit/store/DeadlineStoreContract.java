package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What deadlines and leases that are over do. Extend this once per store, give it an empty one, and
 * add nothing.
 */
public abstract class DeadlineStoreContract extends StoreContract {
  @Test
  @DisplayName("19.11: a missed deadline makes it pending with one attempt more, once")
  final void deadlines_returnWhatWasMissed() {
    add(pending("a"), pending("later").application("other").deadline(Duration.ofHours(10)));
    claimOne();
    claim(new ClaimFilter("other", null));
    add(pending("pushed"));
    claimForPush(1);

    time.advance(PATIENCE);
    assertThat(sweep(Sweep.DEADLINES)).isZero(); // strictly: not in its last millisecond
    time.advance(MOMENT);
    assertThat(sweep(Sweep.DEADLINES)).isEqualTo(1);
    assertThat(sweep(Sweep.DEADLINES)).isZero();

    assertThat(status("a")).isEqualTo(Status.PENDING);
    assertThat(row("a").attempts()).isEqualTo(1);
    assertThat(status("later")).isEqualTo(Status.PROCESSING);
    assertThat(status("pushed")).isEqualTo(Status.CLAIMED);
  }

  @Test
  @DisplayName("19.12, 8.1 at most once: a missed deadline fails such a task, and both are counted")
  final void deadlines_failWhatMustNotRunTwice() {
    acknowledge(10);
    add(pending("once").offset(1).atMostOnce(), pending("often").offset(2));
    claimOne();
    claimOne();
    time.advance(PATIENCE.plus(MOMENT));

    assertThat(sweep(Sweep.DEADLINES)).isEqualTo(2);

    assertThat(status("once")).isEqualTo(Status.FAILURE);
    assertThat(row("once").attempts()).isZero();
    assertThat(status("often")).isEqualTo(Status.PENDING);
  }

  @Test
  @DisplayName("19.13: a missed deadline asks no retry budget: the row is pending again")
  final void deadlines_doNotAskTheRetryBudget() {
    add(pending("a").onAttemptsExceeded(OnAttemptsExceeded.DEAD_LETTER));
    for (int attempt = 1; attempt < SETTINGS.maxAttempts(); attempt++) {
      claimOne();
      time.advance(PATIENCE.plus(MOMENT));
      sweep(Sweep.DEADLINES);

      assertThat(status("a")).isEqualTo(Status.PENDING);
      assertThat(row("a").attempts()).isEqualTo(attempt);
    }
  }

  @Test
  @DisplayName("Ours: a step of the wall clock shortens no deadline, and prolongs none")
  final void deadlines_areToldByTheMonotonicClock() {
    add(pending("a"));
    claimOne();

    time.stepWall(Duration.ofHours(3));
    assertThat(sweep(Sweep.DEADLINES)).isZero();

    time.stepWall(Duration.ofHours(-6));
    time.advance(PATIENCE.plus(MOMENT));
    assertThat(sweep(Sweep.DEADLINES)).isEqualTo(1);
  }

  @Test
  @DisplayName("Ours: what is left of a deadline goes on in the next process")
  final void deadlines_goOnAfterAReopening() {
    add(pending("a"));
    claimOne();
    time.advance(Duration.ofSeconds(4));
    time.enterNewProcess(17);
    store.reopen();

    time.advance(PATIENCE.minusSeconds(4));
    assertThat(sweep(Sweep.DEADLINES)).isZero();
    time.advance(MOMENT);
    assertThat(sweep(Sweep.DEADLINES)).isEqualTo(1);
    assertThat(row("a").attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("Ours: a clock that was wrong postpones a kept deadline by no more than its length")
  final void deadlines_areBoundedAfterAReopening() {
    time.stepWall(Duration.ofDays(400));
    add(pending("a"));
    claimOne();
    time.stepWall(Duration.ofDays(-400));
    store.reopen();

    time.advance(PATIENCE.plus(MOMENT));
    assertThat(sweep(Sweep.DEADLINES)).isEqualTo(1);
  }

  @Test
  @DisplayName("19.14: a lease that is over makes it pending, no attempt counted")
  final void leases_returnWhatWasClaimed() {
    add(pending("a"));
    Claim claim = claimForPush(1).getFirst().claim();
    await(store.pushes().sending(claim));

    time.advance(LEASE);
    assertThat(sweep(Sweep.LEASES)).isZero();
    time.advance(MOMENT);
    assertThat(sweep(Sweep.LEASES)).isEqualTo(1);

    assertThat(status("a")).isEqualTo(Status.PENDING);
    assertThat(row("a").attempts()).isZero();
  }

  @Test
  @DisplayName("Ours: a clock that was wrong postpones a kept lease by no more than its length")
  final void leases_areBoundedAfterAReopening() {
    time.stepWall(Duration.ofDays(400));
    add(pending("a"));
    claimForPush(1);
    time.stepWall(Duration.ofDays(-400));
    store.reopen();

    time.advance(LEASE.plus(MOMENT));
    assertThat(sweep(Sweep.LEASES)).isEqualTo(1);
  }

  @Test
  @DisplayName("19.14, ours: an at-most-once task whose push began has failed: it may have run")
  final void leases_failWhatMayHaveBeenSentOnce() {
    acknowledge(10);
    add(pending("sent").offset(1).atMostOnce(), pending("unsent").offset(2).atMostOnce());
    List<Claim> claims = claimForPush(2).stream().map(one -> one.claim()).toList();
    claims.stream()
        .filter(claim -> claim.activation().id().equals("sent"))
        .forEach(claim -> await(store.pushes().sending(claim)));
    time.advance(LEASE.plus(MOMENT));

    assertThat(sweep(Sweep.LEASES)).isEqualTo(2);

    assertThat(status("sent")).isEqualTo(Status.FAILURE);
    assertThat(status("unsent")).isEqualTo(Status.PENDING);
  }

  @Test
  @DisplayName("19.14, ours: that an earlier push of it had begun says nothing about the next one")
  final void leases_judgeEachPushByItself() {
    acknowledge(10);
    add(pending("a").offset(1).atMostOnce());
    Claim refused = claimForPush(1).getFirst().claim();
    await(store.pushes().sending(refused));
    store.pushes().release(List.of(refused));

    claimForPush(1);
    time.advance(LEASE.plus(MOMENT));

    assertThat(sweep(Sweep.LEASES)).isEqualTo(1);
    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  @Test
  @DisplayName("19.14, ours: after a restart nobody knows that it was never sent")
  final void leases_failWhatAnEarlierProcessMayHaveSent() {
    acknowledge(10);
    add(pending("a").offset(1).atMostOnce());
    claimForPush(1);
    store.reopen();
    time.advance(LEASE.plus(MOMENT));

    assertThat(sweep(Sweep.LEASES)).isEqualTo(1);
    assertThat(status("a")).isEqualTo(Status.FAILURE);
  }
}
