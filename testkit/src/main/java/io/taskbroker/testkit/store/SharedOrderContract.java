package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** For which brokers that holds which operators order at one of them. */
abstract class SharedOrderContract extends SharingBrokers {
  private static final Pause PAUSE =
      new Pause(PauseTarget.ofApplication("shop"), "ann", "a sale", 5, null);

  private static final Drain DRAIN = new Drain("ann", "a deploy", 5, Drain.OnEmpty.STAY);

  @Test
  final void aPause_holdsAtAllBrokers_untilAnyOfThemEndsIt() {
    SharingBroker first = broker("first");
    SharingBroker second = broker("second").reads(OTHER);
    second.add(pending("a").at(OTHER, 0));

    first.store().steering().pause(PAUSE);
    until(() -> second.store().steering().pauses().equals(List.of(PAUSE)));
    assertThat(second.claim()).isEmpty();

    assertThat(second.store().steering().resume(PAUSE.target())).isTrue();
    until(() -> first.store().steering().pauses().isEmpty());
    assertThat(id(second.claimOne())).isEqualTo("a");
  }

  @Test
  final void aPauseThatEndsByItself_leavesTheOneThatWasOrderedMeanwhile() {
    SharingBroker first = broker("first");
    SharingBroker second = broker("second");
    long soon = time.now().plus(Duration.ofMillis(200)).wallMs();
    first.store().steering().pause(new Pause(PAUSE.target(), "bob", "a moment", 5, soon));

    second.store().steering().pause(PAUSE);

    until(() -> first.store().steering().pauses().isEmpty());
    until(() -> first.store().steering().pauses().equals(List.of(PAUSE)));
    assertThat(second.store().steering().pauses()).containsExactly(PAUSE);
  }

  @Test
  final void aPause_holdsAtBrokersThatStartLater() {
    broker("first").store().steering().pause(PAUSE);

    assertThat(broker("second").store().steering().pauses()).containsExactly(PAUSE);
  }

  @Test
  final void anOrderOfRules_reachesAllBrokers_whichAreToldOfIt() {
    RuleOrderStore first = broker("first").store().ruleOrders();
    RuleOrderStore second = broker("second").store().ruleOrders();
    long before = second.changesByOthers();

    first.keep("a", "text");
    until(() -> second.kept().equals(Map.of("a", "text")));
    assertThat(second.changesByOthers()).isGreaterThan(before);

    assertThat(second.forget("a")).isTrue();
    until(() -> first.kept().isEmpty());
    assertThat(second.kept()).isEmpty();
  }

  @Test
  final void anOrderToDrain_isForItsBroker_andForTheNextOneOfItsName() {
    SharingBroker first = broker("first");
    first.store().steering().drain(DRAIN);

    assertThat(broker("second").store().steering().draining()).isEmpty();
    first.close();
    SharingBroker next = broker("first");
    assertThat(next.store().steering().draining()).contains(DRAIN);
    assertThat(next.store().steering().endDrain()).isTrue();
    next.close();
    assertThat(broker("first").store().steering().draining()).isEmpty();
  }
}
