package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What upkeep does at its time: it ends attempts, delays and tasks, and clears up. Extend this once
 * per store, give it an empty one, and add nothing.
 */
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
}
