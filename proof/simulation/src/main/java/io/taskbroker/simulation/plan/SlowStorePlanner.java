package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Plans changes of the group that are over before a store has answered what came in. */
final class SlowStorePlanner {
  private final Luck luck;
  private final SplittableRandom random;
  private final Setup setup;
  private final List<Event> events;
  private final Supplier<TaskSpec> tasks;

  /**
   * @param events takes what is planned
   * @param tasks makes one more
   */
  SlowStorePlanner(Luck luck, Setup setup, List<Event> events, Supplier<TaskSpec> tasks) {
    this.luck = luck;
    this.random = luck.random;
    this.setup = setup;
    this.events = events;
    this.tasks = tasks;
  }

  /** Planned last, so that the rest of a plan stays as it is. */
  void plan() {
    if (random.nextInt(8) != 0) {
      return;
    }
    int broker = luck.broker(setup.brokers());
    long atMs = random.nextInt(2_500);
    produce(atMs, 3 + random.nextInt(8));
    Duration span = luck.between(4_200, 9_000); // a broker waits four seconds before it hands over
    add(
        atMs + random.nextInt(60),
        "%s: disk SYNCS_HANG for %d ms".formatted(Luck.name(broker), span.toMillis()),
        world -> world.troubleDisk(broker, "SYNCS_HANG", span));
    long changesAtMs = atMs + random.nextInt(100, 1_500);
    change(broker, changesAtMs);
    if (random.nextBoolean()) {
      rebalance(changesAtMs + random.nextInt(4_000, 6_000)); // it may have the same share again
    }
    produce(atMs + random.nextInt(1_000, 5_000), 1 + random.nextInt(5));
  }

  private void change(int broker, long atMs) {
    switch (random.nextInt(4)) {
      case 0 -> {
        Duration span = luck.between(3_100, 6_000); // longer than its session
        add(
            atMs,
            "%s stands still for %d ms".formatted(Luck.name(broker), span.toMillis()),
            world -> world.freeze(broker, span));
      }
      case 1 -> {
        add(
            atMs,
            "an operator drains %s, and it is to STAY".formatted(Luck.name(broker)),
            world -> world.drain(broker, "STAY"));
        add(
            atMs + random.nextInt(3_000),
            "an operator ends the drain of " + Luck.name(broker),
            world -> world.endDrain(broker));
      }
      default -> rebalance(atMs);
    }
  }

  private void rebalance(long atMs) {
    add(atMs, "rebalance the group", World::rebalance);
  }

  private void produce(long atMs, int size) {
    for (int i = 0; i < size; i++) {
      TaskSpec spec = tasks.get();
      add(atMs + random.nextInt(20), "produce " + spec, world -> world.produce(spec));
    }
  }

  private void add(long atMs, String text, Consumer<World> effect) {
    events.add(new Event(atMs, text, effect));
  }
}
