package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * How far behind a store is, and how many rows stand where. Extend this once per store, give it an
 * empty one, and add nothing.
 */
public abstract class MeasureStoreContract extends StoreContract {
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
  @DisplayName("Ours: the lag is how long the oldest due task has been due, however it came")
  final void lag_isThatOfTheTaskThatHasBeenDueForLongest() {
    add(
        delayed("delayed", NOON + 1_000).receivedAt(NOON - 9_000_000),
        pending("waits").receivedAt(NOON - 1_800_000));
    time.advance(Duration.ofSeconds(2));
    sweep(Sweep.DELAYS);

    assertThat(store.sweeps().lag()).isEqualTo(Duration.ofSeconds(1_802));
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
}
