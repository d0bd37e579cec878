package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Plans a wall clock that is minutes wrong for some seconds, in which tasks come and go, and the
 * broker may be started anew.
 */
final class WrongClockPlanner {
  /** Longer than what is left at the end may last. */
  private static final Duration STEP = Duration.ofMinutes(5);

  private static final int LONGEST_SPAN_MS = 4_000;

  private final Luck luck;
  private final SplittableRandom random;
  private final Setup setup;
  private final Bursts plan;

  WrongClockPlanner(Luck luck, Setup setup, Bursts plan) {
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
    Duration step = random.nextBoolean() ? STEP : STEP.negated();
    Duration span = luck.between(200, LONGEST_SPAN_MS);
    long atMs = random.nextInt(Luck.LONGEST_MS - LONGEST_SPAN_MS);
    plan.add(
        atMs,
        "step the clock of %s by %d ms, and back after %d ms"
            .formatted(Luck.name(broker), step.toMillis(), span.toMillis()),
        world -> world.stepClock(broker, step, span));
    plan.produce(atMs + random.nextInt(50), 1 + random.nextInt(6));
    long rightAtMs = atMs + span.toMillis();
    switch (random.nextInt(3)) {
      case 0 -> kill(broker, rightAtMs - random.nextInt(100));
      case 1 -> kill(broker, rightAtMs + random.nextInt(1_000));
      default -> {} // it lives through both
    }
  }

  private void kill(int broker, long atMs) {
    Duration down = luck.between(100, 3_000);
    plan.add(
        atMs,
        "kill %s, down for %d ms".formatted(Luck.name(broker), down.toMillis()),
        world -> world.kill(broker, down));
  }
}
