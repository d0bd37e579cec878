package io.taskbroker.application.broker;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.dispatch.Refusals;
import io.taskbroker.application.operations.AbsentWorkers;
import io.taskbroker.application.operations.Delays;
import io.taskbroker.application.operations.Draining;
import io.taskbroker.application.operations.StuckTasks;
import io.taskbroker.application.push.CalledWorker;
import io.taskbroker.application.push.JudgedPushes;
import io.taskbroker.application.push.PushDelivery;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.rules.DemotionRoute;
import io.taskbroker.application.rules.HandOutRules;
import io.taskbroker.application.rules.RuleEnforcer;
import io.taskbroker.application.rules.RuleOrders;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.upkeep.OutboxRelay;
import io.taskbroker.application.upkeep.OutboxRelay.Target;
import io.taskbroker.application.upkeep.PublishedCounts;
import io.taskbroker.application.upkeep.Upkeep;
import io.taskbroker.application.upkeep.UpkeepEvent;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.rules.Demotion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The endless jobs of a broker: upkeep, the watchdog, the ways out through Kafka, the rules, and
 * pushing where workers are called. Built, started and closed by one thread.
 */
final class BrokerLoops implements AutoCloseable {
  /** How long a relay rests when there is nothing to publish: the age of a retry at low load. */
  private static final Duration RELAY_REST = Duration.ofMillis(50);

  /** How soon a change of the rules reaches what is stored. */
  private static final Duration RULES_REST = Duration.ofMillis(500);

  /** A publisher waits for an unreachable Kafka; that alone does not make the broker unhealthy. */
  private static final Duration LONGEST_PUBLISH = Duration.ofMinutes(2);

  private final BrokerSettings settings;
  private final BrokerPorts ports;
  private final Store store;
  private final RuleOrders rules;
  private final Troubles troubles;
  private final List<Loop> loops = new ArrayList<>();
  private Optional<PushDelivery> pushing = Optional.empty();
  private Optional<Loop> pushLoop = Optional.empty();

  BrokerLoops(
      BrokerSettings settings,
      BrokerPorts ports,
      Store store,
      RuleOrders rules,
      Troubles troubles) {
    this.settings = settings;
    this.ports = ports;
    this.store = store;
    this.rules = rules;
    this.troubles = troubles;
  }

  /** Makes all of them; none of them runs yet. */
  void build(HandOutRules handOut, Refusals refusals, Draining draining) {
    PublishedCounts counts = new PublishedCounts();
    lookAfterRows(counts, refusals, draining);
    Watchdog watchdog = new Watchdog(troubles);
    loops.add(loop("watchdog", watchdog::turn, Watchdog.REST, Duration.ZERO));
    Target retries = new Target(settings.retryTopic(), ports.publisher());
    Target deadLetters = new Target(settings.deadLetterTopic(), ports.publisher());
    relay(Lane.RETRY, () -> retries, counts);
    relay(Lane.DEAD_LETTER, () -> deadLetters, counts);
    applyRules(counts);
    ports.push().ifPresent(push -> push(push, handOut));
  }

  private void lookAfterRows(PublishedCounts counts, Refusals refusals, Draining draining) {
    EventSink<UpkeepEvent> metrics = ports.metrics().upkeep();
    Set<String> called = ports.push().map(push -> push.gateway().applications()).orElseGet(Set::of);
    var absent = new AbsentWorkers(troubles.stalls(), called);
    var stuck = new StuckTasks(troubles.stalls(), ports.time());
    var delays = new Delays(ports.time());
    Upkeep upkeep =
        new Upkeep(
            store.sweeps(),
            settings.upkeep(),
            ports.time(),
            counts,
            () -> {
              refusals.look(troubles.stalls());
              stuck.look(store.sweeps().outliers());
              delays.look(store.sweeps().depths(), store.sweeps().outliers());
              return absent.look(store.intake().applications(), store.steering().pauses());
            },
            metrics);
    loops.add(
        loop(
            "upkeep",
            () -> {
              boolean cutShort = upkeep.pass().cutShort();
              metrics.count(new UpkeepEvent.Judged(troubles.health().verdict()));
              draining.look();
              return cutShort ? 1 : 0;
            },
            settings.upkeep().interval(),
            settings.storePatience()));
  }

  private void applyRules(PublishedCounts counts) {
    Rulebook rulebook = ports.rulebook();
    DemotionRoute route = rulebook.demotion();
    RuleEnforcer enforcer =
        new RuleEnforcer(
            store.rules(),
            rulebook.rules(),
            rulebook.arguments(),
            route::returnsHere,
            ports.time(),
            ports.metrics().rules());
    loops.add(
        loop(
            "rules",
            () -> {
              rules.turn();
              return enforcer.turn();
            },
            RULES_REST,
            settings.storePatience()));
    relay(Lane.DEMOTION, () -> target(route, rulebook.rules().current().demotion()), counts);
  }

  private static Target target(DemotionRoute route, Demotion demotion) {
    return new Target(route.topic(demotion), route.publisher(demotion));
  }

  private void push(PushPorts push, HandOutRules handOut) {
    store.intake().serves(push.gateway().applications());
    PushDelivery delivery =
        new PushDelivery(
            new JudgedPushes(store.pushes(), handOut), push, ports.time(), troubles.stalls());
    pushing = Optional.of(delivery);
    Loop turns = loop("push", delivery::turn, PushDelivery.REST, settings.storePatience());
    pushLoop = Optional.of(turns);
    loops.add(turns);
  }

  private void relay(Lane lane, Supplier<Target> target, PublishedCounts counts) {
    OutboxRelay relay =
        new OutboxRelay(
            lane,
            target,
            store.outbox(),
            ports.encoder(),
            ports.time(),
            troubles.stalls(),
            counts,
            ports.metrics().outbox());
    loops.add(loop("outbox-" + lane.text(), relay::turn, RELAY_REST, LONGEST_PUBLISH));
  }

  private Loop loop(String name, Loop.Turn turn, Duration rest, Duration longestTurn) {
    Sparsely waits = new Sparsely(ports.time(), Duration.ofSeconds(10));
    Defects defects =
        new Defects("a turn of loop " + name + " failed, and is tried again", ports.time());
    return new Loop(
        ports.threads(),
        name,
        turn,
        rest,
        thrown -> troubles.report(name, thrown, waits, defects),
        troubles.health().watch(new Heartbeat(name, ports.time(), longestTurn)));
  }

  void start() {
    loops.forEach(Loop::start);
  }

  void startPushing() {
    pushLoop.ifPresent(Loop::start);
  }

  List<CalledWorker> calledWorkers() {
    return pushing.map(PushDelivery::workers).orElse(List.of());
  }

  /** Takes back what is not on its way to a worker yet; whether all that was has come to an end. */
  boolean arePushesDrained() {
    return pushing.map(PushDelivery::drain).orElse(true);
  }

  /** Ends each of them after the turn in progress. */
  @Override
  public void close() {
    loops.forEach(Loop::close);
  }
}
