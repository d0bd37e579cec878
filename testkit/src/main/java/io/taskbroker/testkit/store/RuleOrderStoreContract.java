package io.taskbroker.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.rules.RuleOrderStore;
import org.junit.jupiter.api.Test;

/**
 * How long orders of rules last. Extend this once per store, give it an empty one, and add nothing.
 */
public abstract class RuleOrderStoreContract extends StoreContract {
  @Test
  final void anOrderOfRules_outlivesTheProcess_untilItIsForgotten() {
    store.ruleOrders().keep("b", "first");
    store.ruleOrders().keep("a", "100 % = & ü");
    store.ruleOrders().keep("b", "second");

    assertThat(store.ruleOrders().kept())
        .containsExactly(entry("a", "100 % = & ü"), entry("b", "second"));
    store.reopen();
    assertThat(store.ruleOrders().kept())
        .containsExactly(entry("a", "100 % = & ü"), entry("b", "second"));

    assertThat(store.ruleOrders().forget("b")).isTrue();
    assertThat(store.ruleOrders().forget("b")).isFalse();
    store.reopen();
    assertThat(store.ruleOrders().kept()).containsOnlyKeys("a");
    assertThat(store.steering().pauses()).isEmpty();
  }

  @Test
  final void anOrderOfRules_isKeptIfItWasWritten_andNotElse() {
    store.dieAtNextWrite(TestStore.Death.BEFORE_WRITE);
    assertThatThrownBy(() -> store.ruleOrders().keep("a", "lost"))
        .isInstanceOf(StoreException.Closed.class);
    store.reopen();
    assertThat(store.ruleOrders().kept()).isEmpty();

    store.dieAtNextWrite(TestStore.Death.BEFORE_ANSWER);
    assertThatThrownBy(() -> store.ruleOrders().keep("a", "kept"))
        .isInstanceOf(StoreException.Closed.class);
    store.reopen();
    assertThat(store.ruleOrders().kept()).containsExactly(entry("a", "kept"));
  }

  @Test
  final void thereIsAnEndToOrdersOfRules() {
    for (int i = 0; i < RuleOrderStore.MOST; i++) {
      store.ruleOrders().keep("order " + i, "text");
    }

    assertThatThrownBy(() -> store.ruleOrders().keep("one more", "text"))
        .isInstanceOf(StoreException.Rejected.class);
    store.ruleOrders().keep("order 0", "other");
    assertThat(store.ruleOrders().kept())
        .hasSize(RuleOrderStore.MOST)
        .containsEntry("order 0", "other");
  }
}
