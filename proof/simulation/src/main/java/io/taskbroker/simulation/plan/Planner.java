package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Makes a plan of a seed: what is produced, and what goes wrong. */
final class Planner {

  /** More than a store reads together with others. */
  private static final int LARGE_BYTES = 70_000;

  /** The last one is of brokers that share their rows. */
  private static final List<String> ACCIDENTS =
      List.of(
          "WRITTEN_UNKNOWN",
          "NOT_WRITTEN_UNKNOWN",
          "SYNC_FAILS",
          "FULL_AT_A_FACT",
          "FULL_AT_A_FACT",
          "CUSTODY_UNKNOWN");

  private final long seed;
  private final Luck luck;
  private final SplittableRandom random;
  private final List<Event> events = new ArrayList<>();
  private final Setup setup;
  private final OrderPlanner orders;
  private int tasks;

  /**
   * @param shared whether the brokers keep their rows in one place
   */
  private Planner(long seed, boolean shared) {
    this.seed = seed;
    this.luck = new Luck(seed);
    this.random = luck.random;
    this.setup =
        new Setup(
            shared ? sharing() : random.nextInt(10) < 6 ? 1 : 2 + random.nextInt(2),
            random.nextInt(4) == 0 ? 2 : 1,
            1 + random.nextInt(4),
            1 + random.nextInt(4),
            random.nextInt(3) == 0,
            random.nextInt(6) == 0,
            random.nextInt(3) == 0 ? 3 : 64,
            random.nextInt(2) == 0 ? 100 : 400,
            shared);
    this.orders = new OrderPlanner(luck, setup.brokers(), events);
  }

  /** The plan of this seed, always the same. */
  static Plan plan(long seed) {
    return new Planner(seed, false).plan();
  }

  /** The plan of this seed for brokers that share their rows, always the same. */
  static Plan planShared(long seed) {
    return new Planner(seed, true).plan();
  }

  private int sharing() {
    return 1 + random.nextInt(4);
  }

  private Plan plan() {
    produce();
    int faults = random.nextInt(8);
    for (int fault = 0; fault < faults; fault++) {
      if (setup.shared()) {
        addSharedFault();
      } else {
        addFault();
      }
    }
    orders.drain();
    Bursts bursts = new Bursts(random, events, this::task);
    if (setup.shared()) {
      new ServerPlanner(luck, setup, bursts).plan();
    }
    new SlowStorePlanner(luck, setup, bursts).plan();
    if (!setup.shared()) {
      new OvertakenPlanner(luck, setup, bursts).plan();
    }
    new WrongClockPlanner(luck, setup, bursts).plan();
    events.sort(Comparator.comparingLong(Event::atMs));
    return new Plan(seed, setup, events);
  }

  private void add(long atMs, String text, Consumer<World> effect) {
    events.add(new Event(atMs, text, effect));
  }

  private int broker() {
    return luck.broker(setup.brokers());
  }

  // ---------------------------------------------------------------- producers

  private void produce() {
    int bursts = 1 + random.nextInt(4);
    for (int burst = 0; burst < bursts; burst++) {
      long atMs = random.nextInt(Luck.LONGEST_MS * 2 / 3);
      int size = 1 + random.nextInt(10);
      for (int i = 0; i < size; i++) {
        produceOne(atMs + random.nextInt(20));
      }
    }
    if (random.nextInt(3) == 0) {
      String name = "bad-" + tasks++;
      add(luck.someTime(), "produce bad record " + name, world -> world.produceBad(name));
    }
  }

  private void produceOne(long atMs) {
    TaskSpec spec = task();
    orders.produced(spec.root(), atMs);
    add(atMs, "produce " + spec, world -> world.produce(spec));
    if (!setup.shared() && spec.bytes() > 0 && random.nextInt(8) == 0) {
      int broker = broker();
      add(
          atMs + random.nextInt(50, 1_500),
          "%s cannot write the row of %s".formatted(Luck.name(broker), spec.root()),
          world -> world.makeUnwritable(broker, spec.root()));
    }
    if (!spec.atMostOnce() && random.nextInt(20) == 0) {
      add(
          atMs + random.nextInt(3_000),
          "produce " + spec.root() + " again",
          world -> world.produce(spec));
    }
  }

  private TaskSpec task() {
    tasks++;
    return new TaskSpec(
        "t" + tasks,
        World.APPLICATIONS.get(random.nextInt(2)),
        World.NAMESPACES.get(random.nextInt(2)),
        World.TASKNAMES.get(random.nextInt(3)),
        random.nextInt(5) < 2,
        random.nextInt(6) == 0,
        random.nextInt(6) == 0 ? 1 + random.nextInt(3) : 0,
        random.nextInt(8) == 0 ? 1 + random.nextInt(4) : 0,
        1 + random.nextInt(2),
        random.nextInt(10) == 0 ? LARGE_BYTES : 0);
  }

  // ---------------------------------------------------------------- faults

  private void addFault() {
    switch (random.nextInt(11)) {
      case 0, 1 -> endProcess();
      case 2, 3 -> troubleDisk();
      case 4 -> accident();
      case 5 -> badRow();
      case 6, 7 -> troubleKafka();
      case 8 -> troubleGroup();
      case 9 -> troubleOthers();
      default -> orders.order();
    }
  }

  private void addSharedFault() {
    switch (random.nextInt(14)) {
      case 0, 1 -> endProcess();
      case 2, 3, 4 -> troubleServer();
      case 5 -> accident();
      case 6, 7 -> troubleKafka();
      case 8 -> troubleGroup();
      case 9 -> standStill();
      case 10 -> crashServer();
      case 11 -> troubleOthers();
      case 12 -> outage();
      default -> orders.order();
    }
  }

  /** For so long that all beats are old when the server is back. */
  private void outage() {
    String trouble = random.nextBoolean() ? "FULL" : "WRITES_HANG";
    Duration span = luck.between(8_000, 16_000);
    add(
        luck.someTime(),
        "the server is away (%s) for %d ms".formatted(trouble, span.toMillis()),
        world -> world.troubleServer(trouble, span));
  }

  /** To one broker the server that all share is away, or hangs, or is slow. */
  private void troubleServer() {
    int broker = broker();
    String trouble = List.of("FULL", "FULL", "WRITES_HANG", "SLOW").get(random.nextInt(4));
    Duration span =
        switch (random.nextInt(12)) {
          case 0 -> Duration.ofSeconds(40);
          case 1, 2 -> Duration.ofSeconds(14);
          default -> luck.between(50, 4_000);
        };
    add(
        luck.someTime(),
        "%s: server %s for %d ms".formatted(Luck.name(broker), trouble, span.toMillis()),
        world -> world.troubleDisk(broker, trouble, span));
  }

  /** For so long that others take it for dead. */
  private void standStill() {
    int broker = broker();
    Duration span = luck.between(9_000, 16_000);
    add(
        luck.someTime(),
        "%s stands still for %d ms".formatted(Luck.name(broker), span.toMillis()),
        world -> world.freeze(broker, span));
  }

  private void crashServer() {
    int tenths = random.nextInt(11);
    add(luck.someTime(), "the server crashes", world -> world.crashServer(tenths));
  }

  private void endProcess() {
    int broker = broker();
    Duration down = luck.between(100, 4_000);
    switch (random.nextInt(4)) {
      case 0 -> {
        int tenths = random.nextInt(11);
        add(
            luck.someTime(),
            "cut the power of %s for %d ms".formatted(Luck.name(broker), down.toMillis()),
            world -> world.cutPower(broker, tenths, down));
      }
      case 1 -> add(luck.someTime(), "stop " + Luck.name(broker), world -> world.stop(broker));
      default ->
          add(
              luck.someTime(),
              "kill %s, down for %d ms".formatted(Luck.name(broker), down.toMillis()),
              world -> world.kill(broker, down));
    }
  }

  private void troubleDisk() {
    int broker = broker();
    String trouble =
        List.of("FULL", "FULL", "WRITES_HANG", "SYNCS_HANG", "UNREADABLE", "SLOW")
            .get(random.nextInt(6));
    Duration span = random.nextInt(12) == 0 ? Duration.ofSeconds(14) : luck.between(50, 2_500);
    add(
        luck.someTime(),
        "%s: disk %s for %d ms".formatted(Luck.name(broker), trouble, span.toMillis()),
        world -> world.troubleDisk(broker, trouble, span));
  }

  private void accident() {
    int broker = broker();
    String accident = ACCIDENTS.get(random.nextInt(ACCIDENTS.size() - (setup.shared() ? 0 : 1)));
    add(
        luck.someTime(),
        "%s: disk %s".formatted(Luck.name(broker), accident),
        world -> world.accident(broker, accident));
  }

  private void badRow() {
    int broker = broker();
    String root = "t" + (1 + random.nextInt(Math.max(1, tasks)));
    long atMs = luck.someTime() / 2;
    switch (random.nextInt(4)) {
      case 0 ->
          add(
              atMs,
              "%s cannot read the payload of %s".formatted(Luck.name(broker), root),
              world -> world.makeUnreadable(broker, root));
      case 1 ->
          add(
              atMs,
              "%s cannot write the row of %s".formatted(Luck.name(broker), root),
              world -> world.makeUnwritable(broker, root));
      case 2 -> add(atMs, root + " cannot be encoded", world -> world.makeUnencodable(root));
      default -> badRowAmongLargeOnes(broker);
    }
  }

  /** They pile up while no worker is there, and go out together when one of them is bad. */
  private void badRowAmongLargeOnes(int broker) {
    long atMs = luck.someTime();
    int size = 2 + random.nextInt(3);
    String application = World.APPLICATIONS.get(random.nextInt(2));
    add(
        Math.max(0, atMs - 20),
        "workers are away for 600 ms",
        world -> world.workersGoAway(Duration.ofMillis(600)));
    for (int i = 0; i < size; i++) {
      TaskSpec spec = largeTask(application);
      add(atMs + i, "produce " + spec, world -> world.produce(spec));
    }
    String root = "t" + (tasks - random.nextInt(size));
    add(
        atMs + 350,
        "%s cannot write the row of %s".formatted(Luck.name(broker), root),
        world -> world.makeUnwritable(broker, root));
  }

  private TaskSpec largeTask(String application) {
    tasks++;
    return new TaskSpec(
        "t" + tasks,
        application,
        World.NAMESPACES.get(random.nextInt(2)),
        World.TASKNAMES.get(random.nextInt(3)),
        random.nextInt(4) == 0,
        false,
        0,
        0,
        1 + random.nextInt(2),
        LARGE_BYTES);
  }

  private void troubleKafka() {
    String trouble =
        List.of(
                "DOWN",
                "COMMITS_LOST",
                "COMMIT_ANSWERS_LOST",
                "RECORDS_LOST",
                "ANSWERS_LOST",
                "RECORDS_LATE",
                "REFUSES")
            .get(random.nextInt(7));
    Duration span = luck.between(50, 4_000);
    add(
        luck.someTime(),
        "Kafka: %s for %d ms".formatted(trouble, span.toMillis()),
        world -> world.troubleKafka(trouble, span));
  }

  private void troubleGroup() {
    if (random.nextBoolean()) {
      add(luck.someTime(), "rebalance the group", World::rebalance);
    } else {
      int broker = broker();
      Duration span = luck.between(500, 6_500);
      add(
          luck.someTime(),
          "%s stands still for %d ms".formatted(Luck.name(broker), span.toMillis()),
          world -> world.freeze(broker, span));
    }
  }

  private void troubleOthers() {
    int broker = broker();
    switch (random.nextInt(4)) {
      case 0 -> {
        Duration span = luck.between(500, 4_500);
        add(
            luck.someTime(),
            "workers are away for %d ms".formatted(span.toMillis()),
            world -> world.workersGoAway(span));
      }
      case 1 -> {
        Duration step = luck.between(-10_000, 10_000);
        add(
            luck.someTime(),
            "step the clock of %s by %d ms".formatted(Luck.name(broker), step.toMillis()),
            world -> world.stepClock(broker, step));
      }
      default -> orders.rule();
    }
  }
}
