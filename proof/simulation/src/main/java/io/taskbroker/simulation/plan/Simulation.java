package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Violation;
import java.util.Optional;

/** From a seed to what comes of it. */
public final class Simulation {
  private Simulation() {}

  /** What befalls the world of this seed. */
  public static Plan plan(long seed) {
    return Planner.plan(seed);
  }

  /** What befalls the world of this seed in which brokers share their rows. */
  public static Plan planShared(long seed) {
    return Planner.planShared(seed);
  }

  /** Plays a seed, as fast as can be. */
  public static Play.Result play(long seed) {
    return Play.of(plan(seed), false);
  }

  /**
   * The shortest history of a seed that fails, for people.
   *
   * @return empty if the seed holds
   */
  public static Optional<String> explain(long seed) {
    return explain(plan(seed));
  }

  /** As the other, of any plan. */
  public static Optional<String> explain(Plan plan) {
    Optional<Violation> violation = Play.of(plan, false).violation();
    return violation.map(found -> describe(Shrinker.shrink(plan, found)));
  }

  /** A plan and its history, in lines. */
  public static String describe(Plan plan) {
    Play.Result result = Play.of(plan, true);
    StringBuilder text = new StringBuilder();
    text.append("seed ").append(plan.seed()).append(", ").append(plan.setup()).append('\n');
    plan.events().forEach(event -> text.append("  ").append(event).append('\n'));
    text.append("history (virtual seconds, who, what)\n");
    result.history().forEach(line -> text.append("  ").append(line).append('\n'));
    text.append(result.violation().map(Violation::toString).orElse("holds")).append('\n');
    return text.toString();
  }
}
