package io.taskbroker.application.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.operations.RuleDesk;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.journal.InMemorySpace;
import io.taskbroker.testkit.rules.InMemoryRules;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules that operators put in force beside those of the file. */
class RuleOrdersTest {
  private static final Order ANN = new Order("ann", "too many");
  private static final String NEWSLETTERS = "drop_task_killswitch: [newsletter]";
  private static final String REPORTS = "demoted_namespaces: [reports]";

  private static Rules dropping(String... tasknames) {
    return new Rules(new KillSwitch(Set.of(tasknames), List.of()), Demotion.NONE);
  }

  /** In a whole broker. */
  @Nested
  class InABroker {
    private int pending(BrokerFixture broker) {
      return broker.broker().vitals().depths().pending();
    }

    private Activations newsletter(String id) {
      return Activations.pending(id).taskname("newsletter");
    }

    private RuleDesk desk(BrokerFixture broker) {
      return broker.broker().ruleDesk();
    }

    @Test
    void aKillSwitch_dropsWhatIsStoredAndWhatComes_alsoAfterARestart_untilItIsEnded() {
      try (BrokerFixture broker = BrokerFixture.start()) {
        broker.produce(newsletter("a"), Activations.pending("b"));
        broker.await("both", () -> pending(broker) == 2);

        String id = desk(broker).set(ANN, NEWSLETTERS, null).id();

        broker.await("the drop", () -> pending(broker) == 1);
        assertThat(broker.take().claim().activation().id()).isEqualTo("b");
        broker.restart();
        assertThat(broker.broker().rules().orders())
            .singleElement()
            .satisfies(
                order -> {
                  assertThat(order.id()).isEqualTo(id);
                  assertThat(order.by()).isEqualTo("ann");
                  assertThat(order.reason()).isEqualTo("too many");
                });
        broker.produce(newsletter("c"), Activations.pending("d"));
        assertThat(broker.take().claim().activation().id()).isEqualTo("d");

        assertThat(desk(broker).end(ANN, id)).isTrue();
        assertThat(desk(broker).end(ANN, id)).isFalse();
        broker.produce(newsletter("e"));
        assertThat(broker.take().claim().activation().id()).isEqualTo("e");
        assertThat(broker.broker().operations().audit().stream().map(one -> one.order()))
            .containsExactly(
                "end the order of rules '%s'".formatted(id),
                "end the order of rules '%s': drop tasks 'newsletter'".formatted(id));
      }
    }

    @Test
    void aRule_endsByItself() {
      try (BrokerFixture broker = BrokerFixture.start()) {
        long untilMs = broker.time().now().wallMs() + 60_000;
        desk(broker).set(ANN, NEWSLETTERS, untilMs);
        assertThat(broker.broker().rules().orders()).hasSize(1);

        broker.time().advance(Duration.ofMinutes(1));

        broker.await("its end", () -> broker.broker().rules().orders().isEmpty());
        broker.produce(newsletter("a"));
        assertThat(broker.take().claim().activation().id()).isEqualTo("a");
        broker.restart();
        assertThat(broker.broker().rules().orders()).isEmpty();
      }
    }

    @Test
    void aDemotion_sendsOffToWhereTheFileSays() {
      try (BrokerFixture broker = BrokerFixture.start()) {
        broker.rules().set(new Rules(KillSwitch.OFF, new Demotion(Set.of(), "slow", null)));
        broker.produce(Activations.pending("a").namespace("reports"));
        broker.await("it", () -> pending(broker) == 1);

        desk(broker).set(ANN, REPORTS, null);

        broker.await("it is there", () -> broker.tasksIn("slow").size() == 1);
        assertThat(broker.next()).isEmpty();
      }
    }

    @Test
    void aDemotionThatWouldComeBack_isRefused() {
      try (BrokerFixture broker = BrokerFixture.start()) {
        broker
            .rules()
            .set(new Rules(KillSwitch.OFF, new Demotion(Set.of(), BrokerFixture.TOPIC, null)));

        assertThatThrownBy(() -> desk(broker).set(ANN, REPORTS, null))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("all would come back");
        assertThat(broker.broker().rules().orders()).isEmpty();
      }
    }

    @Test
    void theFile_keepsItsMeaning_whateverIsOrdered() {
      try (BrokerFixture broker = BrokerFixture.start()) {
        broker.rules().set(dropping("survey"));
        String id = desk(broker).set(ANN, NEWSLETTERS, null).id();
        assertThat(broker.broker().rules().ofFile()).isEqualTo(dropping("survey"));

        broker.rules().set(Rules.NONE);
        broker.produce(newsletter("a"), Activations.pending("b").taskname("survey"));
        assertThat(broker.take().claim().activation().id()).isEqualTo("b");

        broker.rules().set(dropping("newsletter"));
        desk(broker).end(ANN, id);
        broker.produce(newsletter("c"), Activations.pending("d"));
        assertThat(broker.take().claim().activation().id()).isEqualTo("d");
      }
    }
  }

  /** Over a store that may fail. */
  @Nested
  class OverAStore {
    private final SettableTime time = new SettableTime();
    private final InMemoryFile file = new InMemoryFile();
    private final FaultyJournal journal = new FaultyJournal(file);
    private final InMemoryRules written = new InMemoryRules((_, _) -> List.of(), Set.of());

    private OwnedStore open() {
      return open(journal);
    }

    private OwnedStore open(Journal journal) {
      return OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          _ -> {});
    }

    private RuleOrders orders(OwnedStore store) {
      return new RuleOrders(written.rulebook(), store.ruleOrders(), store.rules(), time);
    }

    @Test
    void theRulesInForce_areTheSameObject_untilTheyChange() {
      try (OwnedStore store = open()) {
        RuleOrders orders = orders(store);
        written.set(dropping("survey"));
        assertThat(orders.current()).isSameAs(written.current());

        orders.set(NEWSLETTERS, "ann", "", null);

        Rules both = orders.current();
        assertThat(both.killSwitch().tasknames()).containsExactly("survey", "newsletter");
        assertThat(orders.current()).isSameAs(both);
      }
    }

    @Test
    @Timeout(60)
    void whatIsOrderedAtAnotherBroker_isInForceHere_untilItIsEndedThere() {
      InMemorySpace space = new InMemorySpace(time);
      try (OwnedStore here = open(space.open("here"));
          OwnedStore there = open(space.open("there"))) {
        RuleOrders orders = orders(here);
        RuleOrders others = orders(there);

        RuleOrder order = others.set(NEWSLETTERS, "ann", "", null);
        untilInForce(orders, List.of(order));
        assertThat(orders.current().killSwitch().tasknames()).containsExactly("newsletter");

        assertThat(others.end(order.id())).isTrue();
        untilInForce(orders, List.of());
        assertThat(orders.current()).isEqualTo(Rules.NONE);
      }
    }

    private void untilInForce(RuleOrders orders, List<RuleOrder> expected) {
      Signal never = SystemThreads.INSTANCE.signal();
      orders.turn();
      while (!orders.orders().equals(expected)) {
        boolean _ = never.await(Duration.ofMillis(2));
        orders.turn();
      }
    }

    @Test
    void theSameRule_isOneOrder_withTheLatestReasonAndEnd() {
      try (OwnedStore store = open()) {
        RuleOrders orders = orders(store);
        RuleOrder first = orders.set(NEWSLETTERS, "ann", "first", null);
        RuleOrder other = orders.set(REPORTS, "ann", "", null);
        Long untilMs = time.now().wallMs() + 1_000;

        RuleOrder second = orders.set(NEWSLETTERS, "bob", "second", untilMs);

        assertThat(second.id()).isEqualTo(first.id()).isNotEqualTo(other.id());
        assertThat(orders.orders()).containsExactly(second, other);
      }
    }

    @Test
    void whatWasNotWritten_isNotInForce() {
      try (OwnedStore store = open()) {
        RuleOrders orders = orders(store);
        orders.turn(); // behind it the store has written what it writes by itself when it begins
        journal.failNext(FaultyJournal.Call.APPLY, FaultyJournal.Fault.NOTHING_CHANGED);

        assertThatThrownBy(() -> orders.set(NEWSLETTERS, "ann", "", null))
            .isInstanceOf(StoreException.class);

        assertThat(orders.current()).isEqualTo(Rules.NONE);
        orders.turn();
        assertThat(orders.orders()).isEmpty();
      }
    }

    @Test
    void whatIsOver_isNotInForce_evenIfItCannotBeForgottenYet() {
      try (OwnedStore store = open()) {
        RuleOrders orders = orders(store);
        orders.set(NEWSLETTERS, "ann", "", time.now().wallMs() + 1_000);
        time.advance(Duration.ofSeconds(1));
        journal.failNext(FaultyJournal.Call.APPLY, FaultyJournal.Fault.NOTHING_CHANGED);

        assertThatThrownBy(orders::turn).isInstanceOf(StoreException.class);

        assertThat(orders.current()).isEqualTo(Rules.NONE);
        assertThat(store.ruleOrders().kept()).hasSize(1);
        orders.turn();
        assertThat(store.ruleOrders().kept()).isEmpty();
      }
    }

    @Test
    void whatNobodyUnderstands_isKept_andNotInForce() {
      try (OwnedStore store = open()) {
        store.ruleOrders().keep("a", "rule=of+a+later+broker&since=5");
        store.ruleOrders().keep("b", RuleOrderText.write(known("b")));

        RuleOrders orders = orders(store);

        assertThat(orders.orders()).containsExactly(known("b"));
        assertThat(store.ruleOrders().kept()).containsOnlyKeys("a", "b");
        assertThat(orders.end("a")).isTrue();
      }
    }

    private RuleOrder known(String id) {
      return new RuleOrder(
          id, NEWSLETTERS, dropping("newsletter"), "ann & bob", "100 % = ü\n", 5, 9L << 40);
    }

    @Test
    void anOrder_isOneRule_andNotOver() {
      try (OwnedStore store = open()) {
        RuleOrders orders = orders(store);

        assertThatThrownBy(() -> orders.set(NEWSLETTERS + "\n" + REPORTS, "ann", "", null))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("an order has one rule, and this text has 2");
        assertThatThrownBy(() -> orders.set("nothing", "ann", "", null))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> orders.set(NEWSLETTERS, "ann", "", time.now().wallMs()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("the end of the order has passed already");
        assertThat(store.ruleOrders().kept()).isEmpty();
      }
    }
  }
}
