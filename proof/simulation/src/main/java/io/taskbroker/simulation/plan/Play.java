package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.schedule.Scheduler;
import io.taskbroker.simulation.world.Violation;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Plays one plan to its end, or to the first violation. */
public final class Play {
  /** When faults have ended, everything else has to end within this. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration LOOK = Duration.ofMillis(200);

  private final Plan plan;
  private final World world;
  private final Scheduler scheduler;
  private boolean isTime;

  /**
   * What came of it.
   *
   * @param history empty unless it was to be kept
   * @param fingerprint of the order of all steps
   * @param steps how many there were
   * @param virtual how long it took in the world
   */
  public record Result(
      Optional<Violation> violation,
      List<String> history,
      long fingerprint,
      long steps,
      Duration virtual) {}

  /**
   * @param keepsHistory whether what happens is written down, line by line
   */
  Play(Plan plan, boolean keepsHistory) {
    this.plan = plan;
    this.world = new World(plan.setup(), plan.seed(), keepsHistory);
    this.scheduler = world.scheduler();
  }

  /**
   * Plays the plan.
   *
   * @param keepsHistory whether what happens is written down, line by line
   */
  public static Result of(Plan plan, boolean keepsHistory) {
    return new Play(plan, keepsHistory).result();
  }

  /** Plays it; once. */
  Result result() {
    Lines.listen(world);
    try {
      run();
    } finally {
      Lines.listenNoMore();
    }
    return new Result(
        world.violation(),
        world.history().lines(),
        scheduler.fingerprint(),
        scheduler.steps(),
        Duration.ofNanos(scheduler.nanos()));
  }

  /** How far it is, for whoever watches from another thread. */
  long steps() {
    return scheduler.steps();
  }

  long seed() {
    return plan.seed();
  }

  private void run() {
    world.begin();
    for (Event event : plan.events()) {
      scheduler.after(Duration.ofMillis(event.atMs()), () -> event.effect().accept(world));
    }
    lookAgain();
    boolean _ = until(() -> false, Duration.ofMillis(plan.lastMs() + 2_000));
    world.heal();
    if (!endsInTime(world.stillness()::isStill)) {
      return;
    }
    world.healRows();
    if (world.stillness().isSomethingAside()) {
      world.restartAll();
      boolean _ = until(() -> !world.areAllUp(), PATIENCE);
      if (!endsInTime(() -> world.stillness().isStill() && !world.stillness().isSomethingAside())) {
        return;
      }
    }
    if (world.violation().isEmpty()) {
      world.stillness().judgeEnd();
    }
  }

  /** Whether it is so within the time that an end may take; if not, that is a violation. */
  private boolean endsInTime(BooleanSupplier isSo) {
    if (until(isSo, PATIENCE) || until(isSo, world.stillness().putOff())) {
      return true;
    }
    world.stillness().judgeStandstill(PATIENCE);
    return false;
  }

  private void lookAgain() {
    isTime = true;
    world.look();
    scheduler.after(LOOK, this::lookAgain);
  }

  /**
   * Lets the world go on until it is so, or the time is over, or something is violated.
   *
   * @return false if the time is over
   */
  private boolean until(BooleanSupplier isSo, Duration longest) {
    long end = scheduler.nanos() + longest.toNanos();
    while (world.violation().isEmpty()) {
      if (scheduler.nanos() >= end) {
        return false;
      }
      if (isTime) {
        isTime = false;
        if (isSo.getAsBoolean()) {
          return true;
        }
      }
      boolean _ = scheduler.step();
    }
    return true;
  }
}
