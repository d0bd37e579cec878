package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Which applications and tasks stand out. Extend this once per store, give it an empty one, and add
 * nothing.
 */
public abstract class OutlierStoreContract extends StoreContract {
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
