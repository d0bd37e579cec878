package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.World;
import java.util.function.Consumer;

/**
 * Something that befalls the world.
 *
 * @param atMs virtual milliseconds after the beginning
 * @param text what it is, for people
 */
public record Event(long atMs, String text, Consumer<World> effect) {
  @Override
  public String toString() {
    return "%6d ms  %s".formatted(atMs, text);
  }
}
