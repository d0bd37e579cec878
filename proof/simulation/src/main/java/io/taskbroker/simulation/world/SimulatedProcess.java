package io.taskbroker.simulation.world;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.broker.BrokerMetrics;
import io.taskbroker.application.broker.BrokerPorts;
import io.taskbroker.application.broker.BrokerSettings;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.operations.Draining;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.push.PushSettings;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Depths;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.testkit.rules.InMemoryRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One process of a broker: the real core over the simulated ports. */
final class SimulatedProcess {
  static final int MOST_ATTEMPTS = 3;
  static final Duration GRACE = Duration.ofSeconds(1);

  private static final Duration PUSHES = Duration.ofSeconds(4);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final World world;
  private final Machine machine;
  private final Life life;
  private final InMemoryRules rules;
  private final SimulatedPublisher publisher;
  private final StallLines stallLines;
  private @Nullable Broker broker;
  private @Nullable SimulatedJournal journal;
  private final List<SimulatedSource> sources = new ArrayList<>();
  private boolean started;
  private boolean stopping;

  SimulatedProcess(World world, Machine machine, int number) {
    this.world = world;
    this.machine = machine;
    this.life = world.scheduler().life(machine.name() + "." + number, world.ledger()::uncaught);
    this.stallLines = new StallLines(world, machine.name());
    this.publisher = new SimulatedPublisher(world, life, machine.name());
    this.rules = new InMemoryRules(publisher, Set.copyOf(world.kafka().consumed()));
    rules.readArguments(new SimulatedArguments(world.names()));
    rules.set(world.rules());
  }

  Life life() {
    return life;
  }

  StallLines stallLines() {
    return stallLines;
  }

  /** Whether back-pressure holds what has been read. */
  boolean isHeld() {
    Broker running = broker;
    return running != null
        && sources.stream().anyMatch(SimulatedSource::isHeld)
        && running.vitals().depths().pending() >= world.setup().maxPending();
  }

  /**
   * The server has crashed.
   *
   * @param last group of this process that is left
   * @return how many groups are lost that the process knows to be written
   */
  long crashed(long last) {
    return journal == null ? 0 : journal.crashed(last);
  }

  /** Whether it may know rows that the server has lost. */
  boolean isBehind() {
    return journal != null && journal.isBehind();
  }

  /** Of how many crashes of the server it knows what they have taken away. */
  int knownCrashes() {
    return journal == null ? world.lostGroups().crashes() : journal.knownCrashes();
  }

  /** Whether not all of its rows were read again by then, after the server had lost groups. */
  boolean readsAgain(long sinceNanos) {
    return journal != null && journal.readsAgain(sinceNanos);
  }

  /** For how long other brokers have not heard of it, as it knows itself. */
  long silentNanos() {
    return journal == null ? 0 : journal.silentNanos();
  }

  /** Whether a crash of the server has broken off a group of it since then. */
  boolean isBrokenOff(long sinceNanos) {
    return journal != null && journal.isBrokenOff(sinceNanos);
  }

  /**
   * What it counts, if it has written down all that it knows, and has read all that is its own;
   * else null.
   *
   * @param sinceNanos for so long nothing has been written or read
   */
  @Nullable Depths restingDepths(long sinceNanos) {
    Broker running = broker();
    boolean rests = journal != null && journal.isQuiet(sinceNanos) && journal.hasReadAll();
    return rests && running != null ? running.vitals().depths() : null;
  }

  InMemoryRules rules() {
    return rules;
  }

  boolean isServing() {
    return started && !stopping && !life.isOver() && !life.isFrozen();
  }

  /** The broker once it is open. */
  @Nullable Broker broker() {
    return started ? broker : null;
  }

  /** Where the workers of this process call; for one that serves. */
  Dispatch dispatch() {
    if (broker == null) {
      throw new IllegalStateException(life.name() + " is not open");
    }
    return broker.dispatch();
  }

  /** What operators do to this process; for one that serves. */
  Operations operations() {
    if (broker == null) {
      throw new IllegalStateException(life.name() + " is not open");
    }
    return broker.operations();
  }

  /** What empties this process; for one that serves. */
  Draining draining() {
    if (broker == null) {
      throw new IllegalStateException(life.name() + " is not open");
    }
    return broker.draining();
  }

  /** Whether it takes nothing in. */
  boolean isDraining() {
    return isServing() && draining().sight().isPresent();
  }

  void start() {
    life.run("main", this::run);
  }

  private void run() {
    Broker opened;
    try {
      opened = open();
      broker = opened;
      world.ledger().opened(machine, opened.vitals().depths());
      opened.start();
    } catch (StoreException | JournalException e) { // the program ends then, too
      machine.ended(this, "it could not start: " + e.getMessage(), null);
      return;
    }
    for (String topic : world.kafka().consumed()) {
      sources.add(new SimulatedSource(world, life, machine.name(), opened.intake(topic)));
    }
    started = true;
    sources.forEach(SimulatedSource::start);
    var _ = opened.draining().exit().thenAccept(_ -> machine.stop());
    Throwable failure = life.await(opened.failure());
    world.ledger().failed(machine.name(), failure);
    machine.ended(this, "its store has failed: " + failure.getMessage(), null);
  }

  private Broker open() {
    SimulatedJournal opened =
        new SimulatedJournal(machine.openJournal(), world, machine, life, stallLines);
    journal = opened;
    Setup setup = world.setup();
    StoreSettings store =
        new StoreSettings(
            new EngineSettings(GRACE, MOST_ATTEMPTS, Keeping.NOTHING, pushing().lease()),
            setup.syncs(),
            StoreSettings.MAX_WAITING,
            Duration.ofSeconds(5),
            StoreSettings.MAX_WAITERS);
    SimulatedCodec codec = world.codec();
    return Broker.open(
        settings(setup, store, world.kafka().consumed()),
        new BrokerPorts(
            OwnedStore.over(opened, store),
            publisher,
            _ -> codec,
            codec,
            machine.time(),
            life,
            BrokerMetrics.NONE,
            rules.rulebook(),
            setup.pushes()
                ? Optional.of(
                    new PushPorts(
                        new SimulatedGateway(world, life, machine), pushing(), EventSink.none()))
                : Optional.empty()));
  }

  private static PushSettings pushing() {
    return new PushSettings(4, 4, 4, Duration.ofSeconds(2), Duration.ofSeconds(4));
  }

  private static BrokerSettings settings(Setup setup, StoreSettings store, List<String> topics) {
    return new BrokerSettings(
        store.longestWait(),
        new IntakeSettings(
            8,
            16_000_000,
            Duration.ofMillis(100),
            new Backpressure.Limits(
                setup.maxPending(), 64, 64, 64, null, Long.MAX_VALUE, Long.MAX_VALUE)),
        new UpkeepSettings(
            Duration.ofMillis(setup.upkeepMs()), Duration.ofSeconds(1), Duration.ofSeconds(1)),
        new HealthSettings(Duration.ofSeconds(5), false),
        Set.copyOf(topics),
        SimulatedKafka.TASKS,
        SimulatedKafka.DEAD_LETTERS);
  }

  void kill() {
    life.end();
    sources.forEach(world.group()::fallsSilent);
  }

  void freeze(Duration span) {
    life.freeze(span);
    sources.forEach(world.group()::fallsSilent);
  }

  /** As the program stops: it takes some seconds, and waits for nobody for ever. */
  void stop() {
    if (!stopping && started) {
      stopping = true;
      life.run("shutdown", this::shutDown);
    }
  }

  private void shutDown() {
    Broker running = broker;
    if (running == null) {
      return;
    }
    running.drain();
    long end = life.nanos() + PUSHES.toNanos();
    while (!running.isDrained() && life.nanos() < end) {
      life.sleep(LOOK);
    }
    sources.forEach(SimulatedSource::leave);
    running.close();
    Depths held = running.vitals().depths();
    machine.ended(this, "it was stopped", held);
  }
}
