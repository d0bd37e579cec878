package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.SplittableRandom;

/** Plans changes of the group that are over before a store has answered what came in. */
final class SlowStorePlanner {
  private final Luck luck;
  private final SplittableRandom random;
  private final Setup setup;
  private final Bursts plan;

  SlowStorePlanner(Luck luck, Setup setup, Bursts plan) {
    this.luck = luck;
    this.random = luck.random;
    this.setup = setup;
    this.plan = plan;
  }

  /** Planned last, so that the rest of a plan stays as it is. */
  void plan() {
    if (random.nextInt(8) != 0) {
      return;
    }
    int broker = luck.broker(setup.brokers());
    long atMs = random.nextInt(2_500);
    plan.produce(atMs, 3 + random.nextInt(8));
    Duration span = luck.between(4_200, 9_000); // a broker waits four seconds before it hands over
    plan.add(
        atMs + random.nextInt(60),
        "%s: disk SYNCS_HANG for %d ms".formatted(Luck.name(broker), span.toMillis()),
        world -> world.troubleDisk(broker, "SYNCS_HANG", span));
    long changesAtMs = atMs + random.nextInt(100, 1_500);
    change(broker, changesAtMs);
    if (random.nextBoolean()) {
      rebalance(changesAtMs + random.nextInt(4_000, 6_000)); // it may have the same share again
    }
    plan.produce(atMs + random.nextInt(1_000, 5_000), 1 + random.nextInt(5));
  }

  private void change(int broker, long atMs) {
    switch (random.nextInt(4)) {
      case 0 -> {
        Duration span = luck.between(3_100, 6_000); // longer than its session
        plan.add(
            atMs,
            "%s stands still for %d ms".formatted(Luck.name(broker), span.toMillis()),
            world -> world.freeze(broker, span));
      }
      case 1 -> {
        plan.add(
            atMs,
            "an operator drains %s, and it is to STAY".formatted(Luck.name(broker)),
            world -> world.drain(broker, "STAY"));
        plan.add(
            atMs + random.nextInt(3_000),
            "an operator ends the drain of " + Luck.name(broker),
            world -> world.endDrain(broker));
      }
      default -> rebalance(atMs);
    }
  }

  private void rebalance(long atMs) {
    plan.add(atMs, "rebalance the group", World::rebalance);
  }
}
