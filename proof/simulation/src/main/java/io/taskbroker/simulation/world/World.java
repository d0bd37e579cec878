package io.taskbroker.simulation.world;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.simulation.schedule.Scheduler;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything around the brokers, and the brokers. Used by one thread. */
public final class World {
  public static final List<String> APPLICATIONS = List.of("billing", "shop");
  public static final List<String> NAMESPACES = List.of("fast", "slow");
  public static final List<String> TASKNAMES = List.of("ship", "mail", "sum");

  /** What all brokers share, as ledgers name it. */
  static final String SHARED = "server";

  private static final long FULL_AT_A_FACT_NANOS = 400_000_000;

  /** Longer than a partition that is to be given up waits for what is on its way. */
  private static final long AWAY_AT_AN_ACKNOWLEDGEMENT_NANOS = 2_500_000_000L;

  static final Comparator<Partition> BY_PLACE =
      Comparator.comparing(Partition::topic).thenComparingInt(Partition::number);

  private final Scheduler scheduler;
  private final Setup setup;
  private final Dice dice;
  private final History history;
  private final Names names = new Names();
  private final SimulatedTime time;
  private final Ledger ledger;
  private final SimulatedKafka kafka;
  private final SimulatedGroup group;
  private final SimulatedCodec codec;
  private final SimulatedWorkers workers;
  private final WaitingCalls waitingCalls = new WaitingCalls(this);
  private final ToldFacts toldFacts = new ToldFacts(this);
  private final SimulatedProducer producer = new SimulatedProducer(this);
  private final SimulatedOperator operator = new SimulatedOperator(this);
  private final Stillness stillness = new Stillness(this);
  private final List<Machine> machines = new ArrayList<>();

  /** What all brokers keep their rows in; null if each has a file. */
  private final @Nullable InMemorySpace space;

  private final LostGroups lostGroups = new LostGroups();
  private final RulesEver rulesEver = new RulesEver();
  private final LogLines logLines;
  private Rules rules = RulesEver.NONE;
  private boolean healed;
  private boolean hadAccident;
  private int trips;

  /**
   * @param seed of all luck
   * @param keepsHistory whether lines are kept, which takes time
   */
  public World(Setup setup, long seed, boolean keepsHistory) {
    this.scheduler = new Scheduler(seed);
    this.setup = setup;
    this.dice = new Dice(seed);
    this.history = new History(scheduler, keepsHistory);
    this.time = new SimulatedTime(scheduler);
    this.space = setup.shared() ? new InMemorySpace(time) : null;
    this.ledger = new Ledger(this);
    this.kafka = new SimulatedKafka(this, setup.partitions());
    this.group = new SimulatedGroup(this);
    this.codec = new SimulatedCodec(names);
    this.logLines = new LogLines(scheduler, ledger);
    this.workers = new SimulatedWorkers(this);
    for (int number = 1; number <= setup.brokers(); number++) {
      machines.add(new Machine(this, "broker-" + number));
    }
  }

  public Scheduler scheduler() {
    return scheduler;
  }

  public History history() {
    return history;
  }

  Setup setup() {
    return setup;
  }

  Dice dice() {
    return dice;
  }

  Names names() {
    return names;
  }

  SimulatedTime time() {
    return time;
  }

  Ledger ledger() {
    return ledger;
  }

  SimulatedKafka kafka() {
    return kafka;
  }

  SimulatedGroup group() {
    return group;
  }

  SimulatedCodec codec() {
    return codec;
  }

  SimulatedWorkers workers() {
    return workers;
  }

  @Nullable InMemorySpace space() {
    return space;
  }

  /** What crashes of the server have taken away that all brokers share. */
  LostGroups lostGroups() {
    return lostGroups;
  }

  WaitingCalls waitingCalls() {
    return waitingCalls;
  }

  ToldFacts toldFacts() {
    return toldFacts;
  }

  /** Whether no rule and no pause hinders anything, nor any row is to be encoded that cannot be. */
  boolean isCalm() {
    return rules.equals(RulesEver.NONE) && !operator.hasPaused() && !codec.isTroubled();
  }

  /** A broker is about to be told what became of a claim: its disk may be full just now. */
  void beforeFact(Machine machine) {
    if (machine.disk().happens(DiskFaults.Accident.FULL_AT_A_FACT)) {
      history.say(machine.name(), "disk: full for a moment");
      machine.disk().begin(DiskFaults.Trouble.FULL, FULL_AT_A_FACT_NANOS);
    }
  }

  /** A broker is about to be told that Kafka has acknowledged what it has published. */
  void beforeAcknowledgement(Machine machine) {
    if (machine.disk().happens(DiskFaults.Accident.AWAY_AT_AN_ACKNOWLEDGEMENT)) {
      history.say(machine.name(), "server: away for a while");
      machine.disk().begin(DiskFaults.Trouble.FULL, AWAY_AT_AN_ACKNOWLEDGEMENT_NANOS);
    }
  }

  Rules rules() {
    return rules;
  }

  RulesEver rulesEver() {
    return rulesEver;
  }

  Machine machine(int index) {
    return machines.get(index);
  }

  List<Machine> machines() {
    return machines;
  }

  Machine machineOf(String broker) {
    return machines.stream().filter(one -> one.name().equals(broker)).findFirst().orElseThrow();
  }

  boolean isHealed() {
    return healed;
  }

  /** How long something takes on its way. */
  Duration latency() {
    trips++;
    int luck = dice.roll(100, "trip", trips);
    int micros = 100 + dice.roll(luck < 95 ? 3_000 : 80_000, "trip time", trips);
    return Duration.ofNanos(micros * 1_000L);
  }

  public Stillness stillness() {
    return stillness;
  }

  public Optional<Violation> violation() {
    return ledger.violation();
  }

  // ---------------------------------------------------------------- events

  public void begin() {
    machines.forEach(Machine::start);
    if (!setup.pushes()) {
      workers.start(setup.workers());
    }
  }

  public void produce(TaskSpec spec) {
    producer.produce(spec);
  }

  /** A record that is no task. */
  public void produceBad(String name) {
    producer.produceBad(name);
  }

  public void kill(int broker, Duration down) {
    machine(broker).kill();
    scheduler.after(down, machine(broker)::start);
  }

  public void cutPower(int broker, int tenths, Duration down) {
    machine(broker).cutPower(tenths);
    scheduler.after(down, machine(broker)::start);
  }

  /**
   * The server that all brokers share crashes, and is there again at once.
   *
   * @param tenths of the transactions which that may take away that survive
   */
  public void crashServer(int tenths) {
    if (space != null) {
      history.say("server", "crashes; %d of 10 unsynced transactions survive", tenths);
      ServerImage before = ServerImage.of(space);
      space.crash(space.undurable() * tenths / 10);
      ServerImage after = ServerImage.of(space);
      lostGroups.crashed(before, after);
      ledger.forgot(SHARED, after.list());
      ledger.hands().crashed(after.rows().values());
      ledger.pauses().disturbed();
      machines.forEach(machine -> machine.serverCrashed(after));
    }
  }

  /** Somebody takes every broker's file away while it is down. Nothing may survive that. */
  public void loseFiles() {
    machines.forEach(Machine::loseFile);
  }

  public void stop(int broker) {
    machine(broker).stop();
  }

  public void freeze(int broker, Duration span) {
    machine(broker).freeze(span);
  }

  public void stepClock(int broker, Duration step) {
    history.say(machine(broker).name(), "its wall clock is stepped by %d ms", step.toMillis());
    machine(broker).time().step(step.toMillis());
    ledger.pauses().disturbed();
  }

  /** The wall clock is so much ahead, or behind, and then right again. */
  public void stepClock(int broker, Duration step, Duration span) {
    stepClock(broker, step);
    scheduler.after(span, () -> stepClock(broker, step.negated()));
    stillness.clockWasWrong(step.abs());
  }

  /** A trouble of the broker's disk, by its name. */
  public void troubleDisk(int broker, String trouble, Duration span) {
    history.say(machine(broker).name(), "disk: %s for %d ms", trouble, span.toMillis());
    DiskFaults.Trouble kind = DiskFaults.Trouble.valueOf(trouble);
    machine(broker).disk().begin(kind, span.toNanos());
  }

  /** The server that all share is away for everybody, or hangs. */
  public void troubleServer(String trouble, Duration span) {
    for (int broker = 0; broker < machines.size(); broker++) {
      troubleDisk(broker, trouble, span);
    }
  }

  /** An accident of one call to the broker's disk, by its name. */
  public void accident(int broker, String accident) {
    history.say(machine(broker).name(), "disk: %s at the next chance", accident);
    DiskFaults.Accident kind = DiskFaults.Accident.valueOf(accident);
    boolean endsNobody =
        switch (kind) {
          case FULL_AT_A_FACT, AWAY_AT_REPORTS, AWAY_AT_AN_ACKNOWLEDGEMENT, CRASH_AT_A_SYNC -> true;
          case WRITTEN_UNKNOWN, NOT_WRITTEN_UNKNOWN, SYNC_FAILS, CUSTODY_UNKNOWN -> false;
        };
    if (endsNobody) {
      machine(broker).disk().prepare(kind);
      return;
    }
    if (kind == DiskFaults.Accident.SYNC_FAILS || hadAccident) {
      ledger.expectFailure(); // who asks what became of a commit may meet the second accident
    }
    hadAccident = true;
    machine(broker).disk().prepare(kind);
  }

  public void makeUnreadable(int broker, String root) {
    ledger.faulty(root);
    machine(broker).disk().makeUnreadable(root);
  }

  public void makeUnwritable(int broker, String root) {
    ledger.faulty(root);
    machine(broker).disk().makeUnwritable(root);
  }

  public void makeUnencodable(String root) {
    ledger.faulty(root);
    codec.makeUnencodable(root);
  }

  /** A trouble of Kafka, by its name. */
  public void troubleKafka(String trouble, Duration span) {
    history.say("kafka", "%s for %d ms", trouble, span.toMillis());
    kafka.begin(SimulatedKafka.Trouble.valueOf(trouble), span.toNanos());
  }

  public void rebalance() {
    group.rebalance();
  }

  public void workersGoAway(Duration span) {
    history.say("workers", "are away for %d ms", span.toMillis());
    workers.goAway(span);
  }

  /** An operator does this to a task, if it is with this broker. */
  public void act(int broker, Act act, String root) {
    operator.act(machine(broker), act, root);
  }

  public void pause(int broker, String application, Duration span) {
    operator.pause(machine(broker), application, span);
  }

  public void resume(int broker, String application) {
    operator.resume(machine(broker), application);
  }

  /** An operator has this broker take nothing in; what it does once it is empty, by its name. */
  public void drain(int broker, String onEmpty) {
    operator.drain(machine(broker), OnEmpty.valueOf(onEmpty));
  }

  public void endDrain(int broker) {
    operator.endDrain(machine(broker));
  }

  /**
   * From here on these rules are in force.
   *
   * @param selected names of tasks of which those with one of the two arguments are killed
   */
  public void rule(Set<String> killed, Set<String> selected, Set<String> demoted) {
    history.say(
        "operator",
        "kills %s, of %s those with an argument, demotes %s",
        killed,
        selected,
        demoted);
    rules =
        new Rules(
            new KillSwitch(killed, selected.stream().map(SimulatedArguments::selector).toList()),
            new Demotion(demoted, null, null));
    rulesEver.add(rules);
    processes().forEach(process -> process.rules().set(rules));
  }

  /** Rows that could not be read, written or encoded can be from here on. */
  public void healRows() {
    machines.forEach(machine -> machine.disk().healRows());
    codec.heal();
  }

  /** All faults but those of single rows end, and everybody does well from here on. */
  public void heal() {
    history.say("world", "all faults end");
    healed = true;
    machines.forEach(machine -> machine.disk().heal());
    kafka.heal();
    workers.heal();
    rule(Set.of(), Set.of(), Set.of());
  }

  /** Stops every broker in good order; each is started again. */
  public void restartAll() {
    machines.forEach(Machine::stop);
  }

  // ---------------------------------------------------------------- how it is

  private Stream<SimulatedProcess> processes() {
    return machines.stream().map(Machine::process).filter(Objects::nonNull);
  }

  Stream<Broker> brokers() {
    return processes().map(SimulatedProcess::broker).filter(Objects::nonNull);
  }

  public boolean areAllUp() {
    return machines.stream().allMatch(Machine::isUp);
  }

  /** Looks for what grows without bound; to be called now and then. */
  public void look() {
    waitingCalls.look();
    machines.forEach(Machine::look);
    if (healed) {
      machines.stream().filter(Machine::isDraining).forEach(operator::endDrain);
    }
    brokers()
        .forEach(
            broker -> {
              int waiting = broker.vitals().waiting();
              if (waiting > 2_000) {
                ledger.violated(Kind.FLOOD, waiting + " commands wait for a store");
              }
            });
  }

  /** A broker has written a line into its log. */
  public void logged(String level, String line, String thrown) {
    processes()
        .filter(process -> process.life().name().equals(scheduler.currentLife()))
        .forEach(process -> process.stallLines().logged(line));
    history.say("log", "%s %s%s", level, line, thrown.isEmpty() ? "" : " (" + thrown + ")");
    logLines.judge(level, line, thrown);
  }
}
