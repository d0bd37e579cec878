package io.taskbroker.application.broker;

import io.taskbroker.application.Health;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.HandOutJudge;
import io.taskbroker.application.dispatch.JudgedDispatch;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.application.exchange.JudgedAttempts;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.DirectLetters;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.IntakeWatch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.Progress;
import io.taskbroker.application.operations.Draining;
import io.taskbroker.application.operations.Explanations;
import io.taskbroker.application.operations.LastHandOut;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Paces;
import io.taskbroker.application.operations.RuleDesk;
import io.taskbroker.application.operations.Sights;
import io.taskbroker.application.push.CalledWorker;
import io.taskbroker.application.rules.HandOutRules;
import io.taskbroker.application.rules.RuleOrders;
import io.taskbroker.application.rules.RulesReport;
import io.taskbroker.application.store.Store;
import io.taskbroker.domain.Depths;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The assembly: ports in, a running broker out.
 *
 * <p>The store is open, and what it holds can be served, as soon as {@link #open} returns. {@link
 * #start} begins upkeep and publishing. Sources drive the {@link #intake}s, servers the {@link
 * #dispatch}; whoever brought them starts them after {@link #start} and closes them before {@link
 * #close}.
 */
public final class Broker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  private final BrokerSettings settings;
  private final BrokerPorts ports;
  private final Store store;
  private final Troubles troubles;
  private final FlowMeter meter;
  private final RuleTally tally;
  private final HandOutRules handOut;
  private final Dispatch dispatch;
  private final Exchange exchange;
  private final Map<String, Intake> intakes = new TreeMap<>();
  private final BrokerLoops loops;
  private final RuleOrders rules;
  private final RuleDesk ruleDesk;
  private final Operations operations;
  private final Draining draining;
  private final Explanations explanations;
  private final Paces paces;
  private final EndedFeed feed;

  private Broker(
      BrokerSettings settings,
      BrokerPorts ports,
      Store store,
      RuleOrders rules,
      Troubles troubles,
      FlowMeter meter,
      RuleTally tally,
      EndedFeed feed) {
    this.settings = settings;
    this.ports = ports;
    this.store = store;
    this.rules = rules;
    this.troubles = troubles;
    this.meter = meter;
    this.tally = tally;
    this.loops = new BrokerLoops(settings, ports, store, rules, troubles);
    this.handOut =
        new HandOutRules(
            ports.rulebook().rules(),
            ports.rulebook().arguments(),
            ports.time(),
            ports.threads(),
            ports.metrics().rules());
    HandOutJudge judge = new HandOutJudge(store.dispatch(), handOut, ports.time());
    this.dispatch =
        new Dispatch(
            ports.metrics().dispatch().apply(new JudgedDispatch(store.dispatch(), judge)),
            ports.push().isPresent() ? Dispatch.Mode.PUSH : Dispatch.Mode.PULL,
            ports.time());
    this.exchange =
        new Exchange(
            new JudgedAttempts(store.attempts(), judge),
            store.dispatch(),
            ports.time(),
            ports.metrics().exchange());
    this.operations = new Operations(store.tasks(), store.steering(), exchange, ports.time());
    this.draining =
        new Draining(store.steering(), store.sweeps(), intakes.values(), operations, ports.time());
    this.ruleDesk = new RuleDesk(rules, ports.rulebook().arguments(), operations);
    this.explanations =
        new Explanations(
            new Sights(store.intake(), store.steering(), store.sweeps()),
            ports.rulebook().rules(),
            troubles.stalls(),
            draining,
            new LastHandOut(
                operations,
                ports.time(),
                ports.time().now().plus(settings.upkeep().startupGrace())),
            operations.sentAgain(),
            ports.time());
    this.feed = feed;
    this.paces = new Paces(feed::take, store.tasks(), ports.time());
  }

  /**
   * Opens the store. Whatever the store's opener throws is thrown on, and nothing of the broker is
   * open then.
   */
  public static Broker open(BrokerSettings settings, BrokerPorts given) {
    FlowMeter meter = new FlowMeter();
    RuleTally tally = new RuleTally();
    EndedFeed feed = new EndedFeed();
    BrokerPorts ports = given.withCarefulMetrics(meter, tally, feed);
    Troubles troubles = new Troubles(settings.health(), ports.time());
    Store store =
        ports.store().open(ports.time(), ports.threads(), troubles, ports.metrics().store());
    RuleOrders rules = inForce(ports, store);
    tally.follow(rules);
    Broker broker =
        new Broker(settings, ports.with(rules), store, rules, troubles, meter, tally, feed);
    try {
      broker.build();
    } catch (RuntimeException | Error e) {
      broker.close();
      throw e;
    }
    return broker;
  }

  /** Before anything is judged by them. */
  private static RuleOrders inForce(BrokerPorts ports, Store store) {
    try {
      return new RuleOrders(ports.rulebook(), store.ruleOrders(), store.rules(), ports.time());
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  private void build() {
    store.sweeps().onlyConsumed(settings.consumedTopics());
    for (String topic : settings.consumedTopics()) {
      Intake intake = buildIntake(topic);
      intakes.put(topic, intake);
      troubles.thread(intake.heartbeat());
    }
    troubles.thread(handOut.heartbeat());
    draining.takeUp();
    troubles.health().notices(draining::notice);
    loops.build(handOut, dispatch.refusals(), draining);
  }

  private Intake buildIntake(String topic) {
    return new Intake(
        topic,
        ports.decoders().apply(topic),
        ports.rulebook(),
        store.intake(),
        store.holdings(),
        settings.intake(),
        new IntakeWatch(
            ports.time(),
            ports.threads(),
            troubles.stalls(),
            ports.metrics().intake().apply(topic),
            new DirectLetters(settings.deadLetterTopic(), ports.publisher())));
  }

  /**
   * Stores tasks that come from no topic.
   *
   * @throws StoreException if they, or some of them, were not stored
   */
  public void plant(List<NewActivation> tasks) {
    store.intake().add(tasks, new AssignmentEpoch());
  }

  /** Begins upkeep and publishing; rows that Kafka refused earlier get another try. */
  public void start() {
    int parked = store.outbox().unpark();
    if (parked > 0) {
      LOG.info("{} rows that Kafka had refused are tried again", parked);
    }
    Depths depths = store.sweeps().depths();
    LOG.info(
        "The store holds {} unfinished activations: {} pending, {} delayed, {} with workers, {} to"
            + " be published",
        depths.unfinished(),
        depths.pending(),
        depths.delayed() + depths.delayedFar(),
        depths.processing() + depths.claimed(),
        depths.outbox());
    loops.start();
  }

  /** Begins to push, and nothing else: for a broker that lives for a moment. */
  public void startPushing() {
    loops.startPushing();
  }

  /** Takes the records of a consumed topic. */
  public Intake intake(String topic) {
    Intake intake = intakes.get(topic);
    if (intake == null) {
      throw new IllegalArgumentException("topic '" + topic + "' is not consumed here");
    }
    return intake;
  }

  public Dispatch dispatch() {
    return dispatch;
  }

  /** For workers that name their attempts. */
  public Exchange exchange() {
    return exchange;
  }

  /** The workers that this broker calls, as it finds them; none where workers ask. */
  public List<CalledWorker> calledWorkers() {
    return loops.calledWorkers();
  }

  /** What operators see and do. */
  public Operations operations() {
    return operations;
  }

  /** Has the broker take nothing in, serve what it holds, and say when it is empty. */
  public Draining draining() {
    return draining;
  }

  /** Why things do not move. */
  public Explanations explanations() {
    return explanations;
  }

  /** Whether, since the start, a task has ended that a worker had. Cheap to ask for. */
  public boolean hasWorked() {
    return feed.hasWorked();
  }

  /** How fast tasks went lately. */
  public Paces paces() {
    return paces;
  }

  /** What operators do with rules. */
  public RuleDesk ruleDesk() {
    return ruleDesk;
  }

  /** The rules in force, and what rules have done. */
  public RulesReport rules() {
    return tally.report(rules);
  }

  /** How far this broker is with each partition of a topic that it reads, by their numbers. */
  public Map<Integer, Progress> progress(String topic) {
    Intake intake = intakes.get(topic);
    return intake == null ? Map.of() : intake.progress();
  }

  /** Whether this broker has partitions, and all of their rows. */
  public boolean isReading() {
    return intakes.values().stream().anyMatch(intake -> !intake.progress().isEmpty())
        && store.holdings().awaited().isEmpty();
  }

  public Health health() {
    return troubles.health();
  }

  public Stalls stalls() {
    return troubles.stalls();
  }

  /** How things are now. */
  public Vitals vitals() {
    return new Vitals(
        store.waiting(),
        store.sweeps().depths(),
        store.size(),
        store.sweeps().lag(),
        troubles.stalls().current(),
        meter.flow());
  }

  /** Completes with the cause when the broker cannot go on and has to be stopped. */
  public CompletionStage<Throwable> failure() {
    return troubles.failure();
  }

  /** It stops: from here on nothing is handed out, and the broker calls itself not serving. */
  public void drain() {
    troubles.health().drain();
    dispatch.drain();
    exchange.drain();
  }

  /**
   * After {@link #drain}: whether everything that was on its way to a worker is there, or back. To
   * be called until it is.
   */
  public boolean isDrained() {
    return loops.arePushesDrained();
  }

  /**
   * Ends upkeep and publishing after the turn in progress, and closes the store. A publisher that
   * waits for Kafka holds this up, so it is closed before.
   */
  @Override
  public void close() {
    intakes.values().forEach(Intake::close);
    loops.close();
    handOut.close();
    store.close();
  }
}
