package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What pauses hold back, and how long they and an order to drain last. Extend this once per store,
 * give it an empty one, and add nothing.
 */
public abstract class PauseStoreContract extends StoreContract {
  private static final PauseTarget SHOP = PauseTarget.ofApplication("shop");

  @Test
  final void pause_handsOutNothingOfItsTarget_andEverythingElse() {
    add(
        pending("1"),
        pending("2").application("billing"),
        pending("3").application("billing").taskname("send"));

    pause(SHOP, null);

    assertThat(claim(new ClaimFilter("shop", null))).isEmpty();
    assertThat(claimForPush(10)).isEmpty();
    assertThat(id(claimOne())).isEqualTo("2");
    assertThat(store.rules().demote(Set.of("orders"), 10)).isOne(); // the other one
    assertThat(status("1")).isEqualTo(Status.PENDING);
  }

  @Test
  final void aPause_isOfANamespaceATaskOrATopicToo() {
    add(pending("1").namespace("slow").taskname("resize").at(Activations.ORIGIN, 1));

    for (PauseTarget target :
        List.of(
            new PauseTarget("shop", "slow", null, null),
            new PauseTarget(null, null, "resize", null),
            new PauseTarget(null, null, null, Activations.ORIGIN.topic()))) {
      pause(target, null);
      assertThat(claim()).as("%s", target).isEmpty();
      assertThat(store.steering().resume(target)).isTrue();
      var claim = claimOne().claim();
      store.dispatch().release(List.of(claim));
    }
    pause(new PauseTarget("shop", "fast", null, null), null);
    assertThat(claim()).isPresent();
  }

  @Test
  final void resume_handsTasksOutAtTheirOldPlaces() {
    add(pending("1"), pending("2").application("billing"), pending("3"));
    pause(SHOP, null);
    assertThat(id(claimOne())).isEqualTo("2");
    assertThat(claim()).isEmpty();
    add(pending("4").application("billing"));

    assertThat(store.steering().resume(SHOP)).isTrue();
    assertThat(store.steering().resume(SHOP)).isFalse();

    assertThat(List.of(id(claimOne()), id(claimOne()), id(claimOne())))
        .containsExactly("1", "3", "4");
  }

  @Test
  final void aPause_endsByItself() {
    add(pending("1"));
    pause(SHOP, NOON + 60_000);
    time.advance(Duration.ofSeconds(59));
    assertThat(claim()).isEmpty();

    time.advance(Duration.ofSeconds(1));

    assertThat(store.steering().pauses()).isEmpty();
    assertThat(claim()).isPresent();
  }

  @Test
  final void aPause_outlivesTheProcess_withAllThatWasSaidOfIt() {
    add(pending("1"));
    Pause pause = new Pause(SHOP, "ann & bob", "deploy = 100 % ?", NOON, NOON + 60_000);
    store.steering().pause(pause);
    pause(new PauseTarget("a=b&c", "", "ü", null), null);
    List<Pause> before = store.steering().pauses();

    store.reopen();

    assertThat(store.steering().pauses()).isEqualTo(before).contains(pause).hasSize(2);
    assertThat(claim()).isEmpty();
    assertThat(store.steering().resume(SHOP)).isTrue();
    store.reopen();
    assertThat(claim()).isPresent();
  }

  @Test
  final void anOrderToDrain_outlivesTheProcess_untilItIsEnded() {
    assertThat(store.steering().draining()).isEmpty();
    assertThat(store.steering().endDrain()).isFalse();
    store.steering().drain(new Drain("bob", "", NOON - 1, OnEmpty.STAY));
    Drain drain = new Drain("ann & bob", "deploy = 100 % ?", NOON, OnEmpty.EXIT);
    store.steering().drain(drain);

    store.reopen();

    assertThat(store.steering().draining()).contains(drain);
    add(pending("1"));
    assertThat(claim()).isPresent();
    assertThat(store.steering().endDrain()).isTrue();
    store.reopen();
    assertThat(store.steering().draining()).isEmpty();
  }

  @Test
  final void whatIsPaused_expiresAndIsStillWithItsWorker() {
    add(pending("1"), pending("2").expiresAt(NOON + 1_000));
    var claim = claimOne().claim();
    pause(SHOP, null);
    assertThat(claim()).isEmpty();

    time.advance(Duration.ofSeconds(2));

    assertThat(sweep(Sweep.EXPIRY)).isOne();
    assertThat(conclude(claim.activation().id(), Conclusion.COMPLETE)).isTrue();
  }

  private void pause(PauseTarget target, @Nullable Long untilMs) {
    store.steering().pause(new Pause(target, "ann", "to see", time.now().wallMs(), untilMs));
  }
}
