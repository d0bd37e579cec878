package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Extend this once per store, give it an empty one, and add nothing. */
public abstract class SweepStoreContract extends StoreContract {
  @ParameterizedTest
  @EnumSource(Sweep.class)
  final void sweep_ofAnEmptyStoreDoesNothing(Sweep kind) {
    assertThat(store.sweeps().sweep(kind, 10)).isZero();
  }

  @Test
  final void sweep_stopsAtItsLimitAndGoesOnLater() {
    add(IntStream.range(0, 25).mapToObj(i -> pending("a" + i)).toArray(Activations[]::new));
    for (int i = 0; i < 25; i++) {
      claimOne();
    }
    time.advance(PATIENCE.plus(MOMENT));

    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isEqualTo(10);
    assertThat(store.sweeps().depths().pending()).isEqualTo(10);
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isEqualTo(10);
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isEqualTo(5);
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isZero();
  }

  // ---------------------------------------------------------------- deadlines

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

  // ---------------------------------------------------------------- leases

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

  // ---------------------------------------------------------------- attempts and remains

  @Test
  @DisplayName("19.15: what was handed out in vain too often fails, is discarded, and goes")
  final void attempts_failDiscardAndRemove() {
    add(pending("a").offset(1), pending("b").offset(2), pending("c").offset(3));
    conclude("c", Conclusion.COMPLETE);
    exhaust(2);
    acknowledge(4); // ours: rows leave only once their records cannot come again

    assertThat(claim()).isEmpty();
    assertThat(sweep(Sweep.ATTEMPTS)).isEqualTo(2);
    assertThat(status("a")).isEqualTo(Status.FAILURE);
    assertThat(sweep(Sweep.DISCARDS)).isEqualTo(2);
    sweep(Sweep.COMMITTED);
    assertThat(store.rows()).isEmpty();
  }

  @Test
  @DisplayName("Ours: what has used up its attempts is not handed out while it waits for upkeep")
  final void attempts_thatAreUsedUpEndTheHandingOut() {
    add(pending("a"));
    exhaust(1);

    assertThat(status("a")).isEqualTo(Status.PENDING);
    assertThat(row("a").attempts()).isEqualTo(SETTINGS.maxAttempts());
    assertThat(claim()).isEmpty();
  }

  private void exhaust(int rows) {
    for (int attempt = 0; attempt < SETTINGS.maxAttempts(); attempt++) {
      for (int i = 0; i < rows; i++) {
        claimOne();
      }
      time.advance(PATIENCE.plus(MOMENT));
      assertThat(sweep(Sweep.DEADLINES)).isEqualTo(rows);
    }
  }

  @Test
  @DisplayName("19.16: finished rows go, wherever they stand among unfinished ones")
  final void committed_removesAllThatIsFinished() {
    add(
        pending("1").offset(1),
        pending("2").offset(2),
        delayed("3", NOON + 1).offset(3),
        pending("4").offset(4),
        pending("5").offset(5));
    List.of("1", "3", "5").forEach(id -> conclude(id, Conclusion.COMPLETE));

    acknowledge(6);
    sweep(Sweep.COMMITTED);

    assertThat(store.rows()).extracting(KeptRow::id).containsExactly("2", "4");
  }

  @Test
  @DisplayName("19.17: without a wish for a dead letter it is discarded; with one it stays")
  final void discards_takeOnlyWhatNobodyWants() {
    add(
        pending("unsaid").onAttemptsExceeded(OnAttemptsExceeded.UNSPECIFIED),
        pending("discard").onAttemptsExceeded(OnAttemptsExceeded.DISCARD),
        pending("deadletter").onAttemptsExceeded(OnAttemptsExceeded.DEAD_LETTER));
    List.of("unsaid", "discard", "deadletter").forEach(id -> conclude(id, Conclusion.FAILURE));

    assertThat(sweep(Sweep.DISCARDS)).isEqualTo(2);

    assertThat(status("unsaid")).isEqualTo(Status.COMPLETE);
    assertThat(status("discard")).isEqualTo(Status.COMPLETE);
    assertThat(status("deadletter")).isEqualTo(Status.FAILURE);
  }

  // ---------------------------------------------------------------- expiry and delays

  @Test
  @DisplayName("19.18: what is past goes wherever it stands, what is not stays")
  final void expiry_removesWhatIsPast() {
    add(
        pending("taken").expiresAt(NOON + 1),
        pending("never"),
        pending("past").expiresAt(NOON).deadLettered(),
        pending("future").expiresAt(NOON + 1),
        delayed("delayed", NOON).expiresAt(NOON));
    claimOne();
    assertThat(sweep(Sweep.EXPIRY)).isZero(); // strictly: not in its last millisecond
    time.advance(MOMENT);

    assertThat(sweep(Sweep.EXPIRY)).isEqualTo(1);

    assertThat(status("past")).isEqualTo(Status.COMPLETE); // never a dead letter
    assertThat(status("future")).isEqualTo(Status.PENDING);
    assertThat(status("delayed")).isEqualTo(Status.DELAY);
    assertThat(status("taken")).isEqualTo(Status.PROCESSING);
  }

  @Test
  final void expiry_finishesWhatAClaimHasPassedOver() {
    add(pending("a").expiresAt(NOON));
    claim();
    time.advance(MOMENT);

    assertThat(sweep(Sweep.EXPIRY)).isEqualTo(1);
    assertThat(status("a")).isEqualTo(Status.COMPLETE);
  }

  @Test
  final void delays_endOnceTheyHavePassed() {
    add(delayed("a", NOON + 10), delayed("b", NOON + 20));
    time.advance(Duration.ofMillis(10));
    assertThat(sweep(Sweep.DELAYS)).isZero();
    time.advance(MOMENT);

    assertThat(sweep(Sweep.DELAYS)).isEqualTo(1);

    assertThat(id(claimOne())).isEqualTo("a");
    assertThat(status("b")).isEqualTo(Status.DELAY);
  }

  @Test
  @DisplayName("Ours: a delay of more than an hour is honoured, also over a restart")
  final void delays_mayBeFar() {
    add(delayed("a", NOON + Duration.ofDays(30).toMillis()));
    time.advance(Duration.ofDays(29));
    store.reopen();
    assertThat(sweep(Sweep.DELAYS)).isZero();
    assertThat(store.sweeps().depths().delayedFar()).isEqualTo(1);

    time.advance(Duration.ofDays(1).plus(MOMENT));
    assertThat(sweep(Sweep.DELAYS)).isEqualTo(1);
    assertThat(id(claimOne())).isEqualTo("a");
  }

  @Test
  final void delays_keepTheOrderOfArrivalForWhatTheyRelease() {
    add(delayed("old", NOON + 20), pending("between"), delayed("new", NOON + 10));
    time.advance(Duration.ofMillis(21));
    sweep(Sweep.DELAYS);

    assertThat(List.of(id(claimOne()), id(claimOne()), id(claimOne())))
        .containsExactly("old", "between", "new");
  }

  // ---------------------------------------------------------------- measuring

  @Test
  @DisplayName("19.19: the lag is that of the oldest task that no worker has had")
  final void lag_isMeasuredByWhatWasNeverServed() {
    assertThat(store.sweeps().lag()).isZero();

    add(
        pending("a").receivedAt(NOON - 5_000),
        delayed("delayed", NOON + 1).receivedAt(NOON - 60_000),
        pending("b").receivedAt(NOON - 2_000).addedAt(NOON + 1));
    assertThat(store.sweeps().lag()).isEqualTo(Duration.ofSeconds(5));

    Claim claim = claimForPush(1).getFirst().claim();
    assertThat(store.sweeps().lag()).isEqualTo(Duration.ofSeconds(5)); // Claimed counts

    await(store.pushes().accepted(claim));
    assertThat(store.sweeps().lag()).isEqualTo(Duration.ofSeconds(2));

    time.advance(PATIENCE.plus(MOMENT));
    sweep(Sweep.DEADLINES);
    assertThat(store.sweeps().lag()).isEqualTo(PATIENCE.plus(MOMENT).plusSeconds(2));
  }

  @Test
  @DisplayName("19.19: a delayed task's lag begins when its delay has ended")
  final void lag_beginsAtTheEndOfADelay() {
    add(delayed("a", NOON + 1_000).receivedAt(NOON - 60_000));
    time.advance(Duration.ofMillis(1_500));
    assertThat(store.sweeps().lag()).isZero();

    sweep(Sweep.DELAYS);

    assertThat(store.sweeps().lag()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  final void depths_countEachRowWhereItIs() {
    add(
        delayed("delay", NOON + 1),
        pending("pending").application("idle"),
        pending("failed").deadLettered(),
        pending("retry"),
        pending("done"),
        pending("once").application("idle").atMostOnce(),
        pending("pushed"),
        pending("pulled").application("pull"));
    conclude("failed", Conclusion.FAILURE);
    conclude("retry", Conclusion.RETRY);
    conclude("done", Conclusion.COMPLETE);
    claimForPush(1);
    claim(new ClaimFilter("pull", null));

    var depths = store.sweeps().depths();

    assertThat(depths.delayed()).isEqualTo(1);
    assertThat(depths.pending()).isEqualTo(2);
    assertThat(depths.uncommitted()).isEqualTo(1);
    assertThat(depths.claimed()).isEqualTo(1);
    assertThat(depths.processing()).isEqualTo(1);
    assertThat(depths.failed()).isEqualTo(1);
    assertThat(depths.awaitingRetry()).isEqualTo(1);
    assertThat(depths.outbox()).isEqualTo(2);
    assertThat(depths.parked()).isZero();
    assertThat(depths.finished()).isEqualTo(1);
    assertThat(depths.unfinished()).isEqualTo(7);
  }

  @Test
  final void depths_areTheSameAfterAReopening() {
    depths_countEachRowWhereItIs();
    var before = store.sweeps().depths();

    store.reopen();

    assertThat(store.sweeps().depths()).isEqualTo(before);
  }

  @Test
  final void reclaim_comesToAnEnd() {
    add(IntStream.range(0, 500).mapToObj(i -> pending("a" + i)).toArray(Activations[]::new));
    for (int i = 0; i < 500; i++) {
      conclude("a" + i, Conclusion.COMPLETE);
    }
    acknowledge(1);
    sweep(Sweep.COMMITTED);

    int steps = 0;
    while (store.sweeps().reclaim()) {
      assertThat(++steps).isLessThan(10_000);
    }
    assertThat(store.sweeps().sweep(Sweep.DISCARDS, 1)).isZero();
  }

  @Test
  final void unpark_letsParkedRowsTryAgain() {
    add(pending("a"));
    conclude("a", Conclusion.RETRY);
    var taken = store.outbox().take(Lane.RETRY, 1, 1_000).getFirst();
    store.outbox().park(taken.row().key(), "too large");
    assertThat(depths().parked()).isEqualTo(1);
    assertThat(depths().outbox()).isZero();

    store.reopen();
    assertThat(row("a").parked()).isEqualTo("too large");
    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000)).isEmpty();

    assertThat(store.outbox().unpark()).isEqualTo(1);
    assertThat(store.outbox().unpark()).isZero();
    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000)).hasSize(1);
  }

  @Test
  @DisplayName("Ours: the lag is how long the oldest due task has been due, however it came")
  final void lag_isThatOfTheTaskThatHasBeenDueForLongest() {
    add(
        delayed("delayed", NOON + 1_000).receivedAt(NOON - 9_000_000),
        pending("waits").receivedAt(NOON - 1_800_000));
    time.advance(Duration.ofSeconds(2));
    sweep(Sweep.DELAYS);

    assertThat(store.sweeps().lag()).isEqualTo(Duration.ofSeconds(1_802));
  }

  // ---------------------------------------------------------------- what stands out

  @Test
  final void outliers_nameTheApplicationWhoseWorkersReportOnNothing_untilTheyDo() {
    add(pending("a"), pending("b"), pending("other").application("other"));
    claimOne();
    claimOne();
    claim(new ClaimFilter("other", null));
    conclude("other", Conclusion.COMPLETE);
    time.advance(PATIENCE.plus(MOMENT));
    long passed = time.now().wallMs();
    store.sweeps().sweep(Sweep.DEADLINES, 10);

    assertThat(store.sweeps().outliers().silent())
        .singleElement()
        .satisfies(
            silence -> {
              assertThat(silence.missed()).isEqualTo(2);
              assertThat(silence.last().id()).isEqualTo("b");
              assertThat(silence.ofSeveral()).isTrue();
              assertThat(silence.sinceMs()).isEqualTo(passed);
              assertThat(silence.lastMs()).isEqualTo(passed);
            });
    claimOne();
    assertThat(store.sweeps().outliers().silent()).hasSize(1);

    conclude("a", Conclusion.COMPLETE);

    assertThat(store.sweeps().outliers().silent()).isEmpty();
  }

  @Test
  final void outliers_nameATaskThatGoesInCircles_untilItIsOver() {
    add(pending("a"));
    for (int round = 0; round < 2; round++) {
      assertThat(store.sweeps().outliers().repeated()).isEmpty();
      claimOne();
      time.advance(PATIENCE.plus(MOMENT));
      store.sweeps().sweep(Sweep.DEADLINES, 10);
    }

    assertThat(store.sweeps().outliers().repeated())
        .singleElement()
        .satisfies(
            repeat -> {
              assertThat(repeat.activation().id()).isEqualTo("a");
              assertThat(repeat.attempts()).isEqualTo(2);
            });
    claimOne();
    assertThat(store.sweeps().outliers().repeated()).hasSize(1);

    conclude("a", Conclusion.COMPLETE);

    assertThat(store.sweeps().outliers().repeated()).isEmpty();
  }

  @Test
  final void outliers_nameTheLargestTask_whileItsPayloadIsThere() {
    add(
        pending("large").payload(new byte[100_000]),
        pending("small"),
        pending("larger").payload(new byte[200_000]).application("other"));
    assertThat(store.intake().largest()).map(Activation::id).hasValue("larger");

    claim(new ClaimFilter("other", null));
    conclude("larger", Conclusion.COMPLETE);

    assertThat(store.sweeps().outliers().largest())
        .isNotNull()
        .extracting(Activation::id)
        .isEqualTo("large");
  }

  @Test
  final void outliers_tellWhenTheNextDelayIsOver() {
    long nowMs = time.now().wallMs();
    add(delayed("later", nowMs + 9_000), delayed("soon", nowMs + 5_000));

    assertThat(store.sweeps().outliers().nextDelayEndMs()).isEqualTo(nowMs + 5_001);
  }

  @Test
  @DisplayName("Ours: what nobody has asked for within a minute counts towards the size only")
  final void applications_tellWhatWaits_andWhenSomebodyAskedForIt() {
    add(pending("1").application("idle"), pending("2").application("idle"), pending("3"));
    time.advance(Duration.ofSeconds(50));
    claim(new ClaimFilter("shop", null));
    add(pending("4"));
    time.advance(Duration.ofSeconds(11));
    sweep(Sweep.EXPIRY);

    assertThat(store.sweeps().depths().pending()).isEqualTo(3);
    assertThat(store.sweeps().depths().unaskedPending()).isEqualTo(2);
    assertThat(store.intake().applications())
        .filteredOn(one -> one.pending() > 0)
        .containsExactlyInAnyOrder(
            new ApplicationDepth(
                "idle", 2, Optional.of(Duration.ofSeconds(61)), Optional.empty(), false),
            new ApplicationDepth(
                "shop",
                1,
                Optional.of(Duration.ofSeconds(61)),
                Optional.of(Duration.ofSeconds(11)),
                true));

    claim(new ClaimFilter("idle", null));
    assertThat(store.sweeps().depths().unaskedPending()).isEqualTo(1);
    add(pending("5").application("idle"));
    assertThat(store.sweeps().depths().unaskedPending()).isEqualTo(1);
    store.intake().serves(Set.of("other"));
    add(pending("6").application("other"));
    time.advance(Duration.ofMinutes(9));
    sweep(Sweep.EXPIRY);
    assertThat(store.sweeps().depths().unaskedPending()).isEqualTo(3);
  }

  @Test
  @DisplayName("Ours: the last ask is known, also if nothing of the application was stored since")
  final void applications_tellWhenSomebodyLastAsked_alsoIfNothingWasStoredSince() {
    claim(ClaimFilter.ANY);
    time.advance(Duration.ofSeconds(22));
    add(pending("1"));
    claim(new ClaimFilter("shop", null));
    time.advance(Duration.ofSeconds(70));
    sweep(Sweep.EXPIRY);
    add(pending("2"));

    assertThat(store.intake().applications())
        .containsExactly(
            new ApplicationDepth(
                "shop",
                1,
                Optional.of(Duration.ofSeconds(92)),
                Optional.of(Duration.ofSeconds(70)),
                false));
  }

  @Test
  @DisplayName("Ours: the age of what waits is that of the task that was due first, by application")
  final void applications_tellForHowLongTheOldestTaskHasBeenDue() {
    add(
        pending("new").receivedAt(NOON - 2_500),
        pending("old").receivedAt(NOON - 60_001),
        pending("other").application("other").receivedAt(NOON - 7_000),
        delayed("delayed", NOON + 1_000).receivedAt(NOON - 3_600_000));
    assertThat(oldestOf("shop")).contains(Duration.ofSeconds(61)); // from the full second
    assertThat(oldestOf("other")).contains(Duration.ofSeconds(7));

    claimOne(); // the first to arrive, not the first to be due
    assertThat(oldestOf("shop")).contains(Duration.ofSeconds(61));
    conclude("old", Conclusion.COMPLETE);
    assertThat(oldestOf("shop")).isEmpty();

    time.advance(Duration.ofMillis(2_500));
    sweep(Sweep.DELAYS);
    assertThat(oldestOf("shop")).contains(Duration.ofMillis(1_500)); // since its delay ended
    time.advance(PATIENCE);
    sweep(Sweep.DEADLINES);
    assertThat(oldestOf("shop")).contains(PATIENCE.plusMillis(5_500)); // a worker had it in vain
    claim(new ClaimFilter("other", null));
    assertThat(oldestOf("other")).isEmpty();
  }

  @Test
  final void applications_tellTheAgeOfThatWhichWaits_alsoAfterAReopening() {
    add(pending("1").receivedAt(NOON - 60_000), pending("2").receivedAt(NOON - 5_000));
    claimOne();
    store.reopen();

    assertThat(oldestOf("shop")).contains(Duration.ofSeconds(5));
  }

  private Optional<Duration> oldestOf(String application) {
    return store.intake().applications().stream()
        .filter(one -> one.application().equals(application))
        .findFirst()
        .flatMap(ApplicationDepth::oldest);
  }
}
