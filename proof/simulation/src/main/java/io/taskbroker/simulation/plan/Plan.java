package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import java.util.List;

/**
 * A world and what befalls it.
 *
 * @param seed of the order of all steps and of all luck
 * @param events by time
 */
public record Plan(long seed, Setup setup, List<Event> events) {
  public Plan {
    events = List.copyOf(events);
  }

  /** The same world, in which only these happen. */
  Plan with(List<Event> fewer) {
    return new Plan(seed, setup, fewer);
  }

  long lastMs() {
    return events.isEmpty() ? 0 : events.getLast().atMs();
  }
}
