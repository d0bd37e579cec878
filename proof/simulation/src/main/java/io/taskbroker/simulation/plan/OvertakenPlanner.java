package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Plans what befalls a broker that has stored tasks and loses their partitions before it has
 * committed them: others run them, and it learns of that while it cannot write all of their rows.
 */
final class OvertakenPlanner {
  private static final int LONGEST_DOWN_MS = 5_000;

  private final Luck luck;
  private final SplittableRandom random;
  private final Setup setup;
  private final Bursts plan;

  OvertakenPlanner(Luck luck, Setup setup, Bursts plan) {
    this.luck = luck;
    this.random = luck.random;
    this.setup = setup;
    this.plan = plan;
  }

  /** Planned last, so that the rest of a plan stays as it is. */
  void plan() {
    if (setup.brokers() == 1 || random.nextInt(5) != 0) {
      return;
    }
    int broker = luck.broker(setup.brokers());
    long atMs = random.nextInt(300, 3_000);
    holdCommits(broker, atMs - random.nextInt(100));
    List<TaskSpec> tasks = plan.produce(atMs, 3 + random.nextInt(6));
    long goneAtMs = atMs + random.nextInt(100, 400);
    losePartitions(broker, goneAtMs);
    for (TaskSpec task : tasks) {
      if (task.atMostOnce() && random.nextInt(4) > 0) {
        long badAtMs = goneAtMs + random.nextInt(2_500);
        plan.add(
            badAtMs,
            "%s cannot write the row of %s".formatted(Luck.name(broker), task.root()),
            world -> world.makeUnwritable(broker, task.root()));
      }
    }
    if (random.nextBoolean()) {
      restart(broker, goneAtMs + random.nextInt(5_000, 10_000));
    }
  }

  /** What comes in now is in the file, and the group does not hear of that in time. */
  private void holdCommits(int broker, long atMs) {
    Duration span = luck.between(300, 2_500);
    if (random.nextBoolean()) {
      plan.add(
          atMs,
          "%s: disk SYNCS_HANG for %d ms".formatted(Luck.name(broker), span.toMillis()),
          world -> world.troubleDisk(broker, "SYNCS_HANG", span));
    } else {
      plan.add(
          atMs,
          "Kafka: COMMITS_LOST for %d ms".formatted(span.toMillis()),
          world -> world.troubleKafka("COMMITS_LOST", span));
    }
  }

  private void losePartitions(int broker, long atMs) {
    String name = Luck.name(broker);
    switch (random.nextInt(6)) {
      case 0 -> kill(broker, atMs);
      case 1 -> {
        int tenths = 5 + random.nextInt(6);
        Duration down = luck.between(100, LONGEST_DOWN_MS);
        plan.add(
            atMs,
            "cut the power of %s for %d ms".formatted(name, down.toMillis()),
            world -> world.cutPower(broker, tenths, down));
      }
      case 2 ->
          plan.add(atMs, name + ": disk SYNC_FAILS", world -> world.accident(broker, "SYNC_FAILS"));
      default -> {
        Duration span = luck.between(3_100, 6_000); // longer than its session
        plan.add(
            atMs,
            "%s stands still for %d ms".formatted(name, span.toMillis()),
            world -> world.freeze(broker, span));
      }
    }
  }

  private void kill(int broker, long atMs) {
    Duration down = luck.between(100, LONGEST_DOWN_MS);
    plan.add(
        atMs,
        "kill %s, down for %d ms".formatted(Luck.name(broker), down.toMillis()),
        world -> world.kill(broker, down));
  }

  private void restart(int broker, long atMs) {
    if (random.nextBoolean()) {
      plan.add(atMs, "stop " + Luck.name(broker), world -> world.stop(broker));
    } else {
      kill(broker, atMs);
    }
  }
}
