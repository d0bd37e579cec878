package io.taskbroker.application.broker;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Health;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.JudgedDispatch;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.DirectLetters;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.IntakeWatch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.push.JudgedPushes;
import io.taskbroker.application.push.PushDelivery;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.rules.DemotionRoute;
import io.taskbroker.application.rules.HandOutRules;
import io.taskbroker.application.rules.RuleEnforcer;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.application.upkeep.OutboxCounts;
import io.taskbroker.application.upkeep.OutboxRelay;
import io.taskbroker.application.upkeep.OutboxRelay.Target;
import io.taskbroker.application.upkeep.Upkeep;
import io.taskbroker.application.upkeep.UpkeepEvent;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.rules.Demotion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
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

  /** How long a relay rests when there is nothing to publish: the age of a retry at low load. */
  private static final Duration RELAY_REST = Duration.ofMillis(50);

  /** How soon a change of the rules reaches what is stored. */
  private static final Duration RULES_REST = Duration.ofMillis(500);

  /** A publisher waits for an unreachable Kafka; that alone does not make the broker unhealthy. */
  private static final Duration LONGEST_PUBLISH = Duration.ofMinutes(2);

  /** What stands still when nothing can be written. */
  private static final String STORE = "The store";

  private static final String CANNOT_WRITE = "the store cannot write";

  private final BrokerSettings settings;
  private final BrokerPorts ports;
  private final CompletableFuture<Throwable> failure;
  private final Store store;
  private final Health health;
  private final Stalls stalls;
  private final HandOutRules handOut;
  private final Dispatch dispatch;
  private final Map<String, Intake> intakes = new TreeMap<>();
  private final List<Loop> loops = new ArrayList<>();
  private Optional<PushDelivery> pushing = Optional.empty();

  private Broker(
      BrokerSettings settings,
      BrokerPorts ports,
      Store store,
      Health health,
      Stalls stalls,
      CompletableFuture<Throwable> failure) {
    this.settings = settings;
    this.ports = ports;
    this.store = store;
    this.failure = failure;
    this.health = health;
    this.stalls = stalls;
    this.handOut =
        new HandOutRules(
            ports.rulebook().rules(),
            ports.rulebook().arguments(),
            ports.time(),
            ports.threads(),
            ports.metrics().rules());
    this.dispatch =
        new Dispatch(
            ports
                .metrics()
                .dispatch()
                .apply(new JudgedDispatch(store.dispatch(), handOut, ports.time())),
            ports.push().isPresent() ? Dispatch.Mode.PUSH : Dispatch.Mode.PULL,
            ports.time());
  }

  /**
   * Opens the store. Whatever the store's opener throws is thrown on, and nothing of the broker is
   * open then.
   */
  public static Broker open(BrokerSettings settings, BrokerPorts given) {
    BrokerPorts ports = given.withCarefulMetrics();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Health health = new Health(settings.health());
    Stalls stalls = new Stalls(ports.time());
    Store store =
        ports
            .store()
            .open(
                ports.time(),
                ports.threads(),
                watch(health, stalls, failure),
                ports.metrics().store());
    Broker broker = new Broker(settings, ports, store, health, stalls, failure);
    try {
      broker.build();
    } catch (RuntimeException | Error e) {
      broker.close();
      throw e;
    }
    return broker;
  }

  private void build() {
    store.sweeps().onlyConsumed(settings.consumedTopics());
    for (String topic : settings.consumedTopics()) {
      Intake intake = buildIntake(topic);
      intakes.put(topic, intake);
      health.watch(intake.heartbeat());
    }
    buildLoops();
  }

  private static StoreWatch watch(
      Health health, Stalls stalls, CompletableFuture<Throwable> failure) {
    return new StoreWatch() {
      @Override
      public void writing(Optional<String> trouble) {
        explainWriting(trouble, health, stalls);
      }

      @Override
      public void thread(Heartbeat heartbeat) {
        health.watch(heartbeat);
      }

      @Override
      public void failed(Throwable cause) {
        failure.complete(cause);
      }
    };
  }

  private static void explainWriting(Optional<String> trouble, Health health, Stalls stalls) {
    if (trouble.isPresent()) {
      health.trouble(CANNOT_WRITE);
      stalls.begin(
          STORE,
          "it cannot write: " + trouble.get(),
          "It goes on by itself, without a restart, as soon as it can write; until then nothing is"
              + " handed out, and what workers report is taken as far as it can be.");
    } else {
      health.mended(CANNOT_WRITE);
      stalls.end(STORE);
    }
  }

  private Intake buildIntake(String topic) {
    return new Intake(
        topic,
        ports.decoders().apply(topic),
        ports.rulebook(),
        store.intake(),
        settings.intake(),
        new IntakeWatch(
            ports.time(),
            ports.threads(),
            stalls,
            ports.metrics().intake(),
            new DirectLetters(settings.deadLetterTopic(), ports.publisher())));
  }

  private void buildLoops() {
    OutboxCounts counts = new OutboxCounts();
    EventSink<UpkeepEvent> metrics = ports.metrics().upkeep();
    Upkeep upkeep =
        new Upkeep(
            store.sweeps(),
            settings.upkeep(),
            ports.time(),
            counts,
            store.intake()::applications,
            metrics);
    loops.add(
        loop(
            "upkeep",
            () -> {
              boolean cutShort = upkeep.pass().cutShort();
              metrics.count(new UpkeepEvent.Judged(health.verdict()));
              return cutShort ? 1 : 0;
            },
            settings.upkeep().interval(),
            settings.storePatience()));
    Watchdog watchdog = new Watchdog(health, stalls);
    loops.add(loop("watchdog", watchdog::turn, Watchdog.REST, Duration.ZERO));
    Target retries = new Target(settings.retryTopic(), ports.publisher());
    Target deadLetters = new Target(settings.deadLetterTopic(), ports.publisher());
    relay(Lane.RETRY, () -> retries, counts);
    relay(Lane.DEAD_LETTER, () -> deadLetters, counts);
    applyRules(counts);
    ports.push().ifPresent(this::push);
  }

  private void applyRules(OutboxCounts counts) {
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
    loops.add(loop("rules", enforcer::turn, RULES_REST, settings.storePatience()));
    relay(Lane.DEMOTION, () -> target(route, rulebook.rules().current().demotion()), counts);
  }

  private static Target target(DemotionRoute route, Demotion demotion) {
    return new Target(route.topic(demotion), route.publisher(demotion));
  }

  private void push(PushPorts push) {
    store.intake().serves(push.gateway().applications());
    PushDelivery delivery =
        new PushDelivery(new JudgedPushes(store.pushes(), handOut), push, ports.time(), stalls);
    pushing = Optional.of(delivery);
    loops.add(loop("push", delivery::turn, PushDelivery.REST, settings.storePatience()));
  }

  private void relay(Lane lane, Supplier<Target> target, OutboxCounts counts) {
    OutboxRelay relay =
        new OutboxRelay(
            lane,
            target,
            store.outbox(),
            ports.encoder(),
            ports.time(),
            stalls,
            counts,
            ports.metrics().outbox());
    loops.add(loop("outbox-" + lane.text(), relay::turn, RELAY_REST, LONGEST_PUBLISH));
  }

  private Loop loop(String name, Loop.Turn turn, Duration rest, Duration longestTurn) {
    Sparsely lines = new Sparsely(ports.time(), Duration.ofSeconds(10));
    return new Loop(
        ports.threads(),
        name,
        turn,
        rest,
        thrown -> report(name, thrown, lines),
        health.watch(new Heartbeat(name, ports.time(), longestTurn)));
  }

  private void report(String loop, Throwable thrown, Sparsely lines) {
    if (thrown instanceof StoreException.Closed) {
      LOG.debug("Loop {} found the store closed", loop);
      return;
    }
    boolean worthALine = lines.count(1) > 0;
    if (thrown instanceof StoreException.Unavailable) {
      if (worthALine && !stalls.current().containsKey(STORE)) { // or it is said already
        LOG.warn("Loop {} waits for the store: {}", loop, thrown.getMessage());
      }
      return;
    }
    if (worthALine) {
      LOG.error("A turn of loop {} failed; it is tried again", loop, thrown);
    }
    if (thrown instanceof Error) {
      failure.complete(thrown);
    }
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
    loops.forEach(Loop::start);
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

  public Health health() {
    return health;
  }

  public Stalls stalls() {
    return stalls;
  }

  /** How things are now. */
  public Vitals vitals() {
    return new Vitals(
        store.waiting(),
        store.sweeps().depths(),
        store.size(),
        store.sweeps().lag(),
        stalls.current());
  }

  /** Completes with the cause when the broker cannot go on and has to be stopped. */
  public CompletionStage<Throwable> failure() {
    return failure;
  }

  /** From here on nothing is handed out, and the broker calls itself not serving. */
  public void drain() {
    health.drain();
    dispatch.drain();
  }

  /**
   * After {@link #drain}: whether everything that was on its way to a worker is there, or back. To
   * be called until it is.
   */
  public boolean isDrained() {
    return pushing.map(PushDelivery::drain).orElse(true);
  }

  /**
   * Ends upkeep and publishing after the turn in progress, and closes the store. A publisher that
   * waits for Kafka holds this up, so it is closed before.
   */
  @Override
  public void close() {
    intakes.values().forEach(Intake::close);
    loops.forEach(Loop::close);
    handOut.close();
    store.close();
  }
}
