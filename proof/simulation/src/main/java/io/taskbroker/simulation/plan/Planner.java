package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Makes a plan of a seed: what is produced, and what goes wrong. */
final class Planner {
  private static final int LONGEST_MS = 6_000;

  private final long seed;
  private final SplittableRandom random;
  private final List<Event> events = new ArrayList<>();
  private final Setup setup;
  private int tasks;

  private Planner(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.setup =
        new Setup(
            random.nextInt(10) < 6 ? 1 : 2 + random.nextInt(2),
            random.nextInt(4) == 0 ? 2 : 1,
            1 + random.nextInt(4),
            1 + random.nextInt(4),
            random.nextInt(3) == 0,
            random.nextInt(6) == 0,
            random.nextInt(3) == 0 ? 3 : 64,
            random.nextInt(2) == 0 ? 100 : 400);
  }

  /** The plan of this seed, always the same. */
  static Plan plan(long seed) {
    return new Planner(seed).plan();
  }

  private Plan plan() {
    produce();
    int faults = random.nextInt(8);
    for (int fault = 0; fault < faults; fault++) {
      addFault();
    }
    events.sort(Comparator.comparingLong(Event::atMs));
    return new Plan(seed, setup, events);
  }

  private void add(long atMs, String text, Consumer<World> effect) {
    events.add(new Event(atMs, text, effect));
  }

  private long someTime() {
    return random.nextInt(LONGEST_MS);
  }

  private int broker() {
    return random.nextInt(setup.brokers());
  }

  private static String name(int broker) {
    return "broker-" + (broker + 1);
  }

  private Duration between(int leastMs, int mostMs) {
    return Duration.ofMillis(random.nextInt(leastMs, mostMs));
  }

  // ---------------------------------------------------------------- producers

  private void produce() {
    int bursts = 1 + random.nextInt(4);
    for (int burst = 0; burst < bursts; burst++) {
      long atMs = random.nextInt(LONGEST_MS * 2 / 3);
      int size = 1 + random.nextInt(10);
      for (int i = 0; i < size; i++) {
        produceOne(atMs + random.nextInt(20));
      }
    }
    if (random.nextInt(3) == 0) {
      String name = "bad-" + tasks++;
      add(someTime(), "produce bad record " + name, world -> world.produceBad(name));
    }
  }

  private void produceOne(long atMs) {
    TaskSpec spec = task();
    add(atMs, "produce " + spec, world -> world.produce(spec));
    if (spec.bytes() > 0 && random.nextInt(8) == 0) {
      int broker = broker();
      add(
          atMs + random.nextInt(50, 1_500),
          "%s cannot write the row of %s".formatted(name(broker), spec.root()),
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
        random.nextInt(10) == 0 ? 70_000 : 0);
  }

  // ---------------------------------------------------------------- faults

  private void addFault() {
    switch (random.nextInt(10)) {
      case 0, 1 -> endProcess();
      case 2, 3 -> troubleDisk();
      case 4 -> accident();
      case 5 -> badRow();
      case 6, 7 -> troubleKafka();
      case 8 -> troubleGroup();
      default -> troubleOthers();
    }
  }

  private void endProcess() {
    int broker = broker();
    Duration down = between(100, 4_000);
    switch (random.nextInt(4)) {
      case 0 -> {
        int tenths = random.nextInt(11);
        add(
            someTime(),
            "cut the power of %s for %d ms".formatted(name(broker), down.toMillis()),
            world -> world.cutPower(broker, tenths, down));
      }
      case 1 -> add(someTime(), "stop " + name(broker), world -> world.stop(broker));
      default ->
          add(
              someTime(),
              "kill %s, down for %d ms".formatted(name(broker), down.toMillis()),
              world -> world.kill(broker, down));
    }
  }

  private void troubleDisk() {
    int broker = broker();
    String trouble =
        List.of("FULL", "FULL", "WRITES_HANG", "SYNCS_HANG", "UNREADABLE", "SLOW")
            .get(random.nextInt(6));
    Duration span = random.nextInt(12) == 0 ? Duration.ofSeconds(14) : between(50, 2_500);
    add(
        someTime(),
        "%s: disk %s for %d ms".formatted(name(broker), trouble, span.toMillis()),
        world -> world.troubleDisk(broker, trouble, span));
  }

  private void accident() {
    int broker = broker();
    String accident =
        List.of(
                "WRITTEN_UNKNOWN",
                "NOT_WRITTEN_UNKNOWN",
                "SYNC_FAILS",
                "FULL_AT_A_FACT",
                "FULL_AT_A_FACT")
            .get(random.nextInt(5));
    add(
        someTime(),
        "%s: disk %s".formatted(name(broker), accident),
        world -> world.accident(broker, accident));
  }

  private void badRow() {
    int broker = broker();
    String root = "t" + (1 + random.nextInt(Math.max(1, tasks)));
    long atMs = someTime() / 2;
    switch (random.nextInt(3)) {
      case 0 ->
          add(
              atMs,
              "%s cannot read the payload of %s".formatted(name(broker), root),
              world -> world.makeUnreadable(broker, root));
      case 1 ->
          add(
              atMs,
              "%s cannot write the row of %s".formatted(name(broker), root),
              world -> world.makeUnwritable(broker, root));
      default -> add(atMs, root + " cannot be encoded", world -> world.makeUnencodable(root));
    }
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
    Duration span = between(50, 4_000);
    add(
        someTime(),
        "Kafka: %s for %d ms".formatted(trouble, span.toMillis()),
        world -> world.troubleKafka(trouble, span));
  }

  private void troubleGroup() {
    if (random.nextBoolean()) {
      add(someTime(), "rebalance the group", World::rebalance);
    } else {
      int broker = broker();
      Duration span = between(500, 6_500);
      add(
          someTime(),
          "%s stands still for %d ms".formatted(name(broker), span.toMillis()),
          world -> world.freeze(broker, span));
    }
  }

  private void troubleOthers() {
    int broker = broker();
    switch (random.nextInt(4)) {
      case 0 -> {
        Duration span = between(500, 4_500);
        add(
            someTime(),
            "workers are away for %d ms".formatted(span.toMillis()),
            world -> world.workersGoAway(span));
      }
      case 1 -> {
        Duration step = between(-10_000, 10_000);
        add(
            someTime(),
            "step the clock of %s by %d ms".formatted(name(broker), step.toMillis()),
            world -> world.stepClock(broker, step));
      }
      default -> rule();
    }
  }

  private void rule() {
    Set<String> killed =
        random.nextBoolean() ? Set.of(World.TASKNAMES.get(random.nextInt(3))) : Set.of();
    Set<String> demoted =
        killed.isEmpty() ? Set.of(World.NAMESPACES.get(random.nextInt(2))) : Set.of();
    add(
        someTime(),
        "rules: kill %s, demote %s".formatted(killed, demoted),
        world -> world.rule(killed, demoted));
  }
}
