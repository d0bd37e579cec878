package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.TaskSpec;
import io.taskbroker.simulation.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Adds to a plan what happens around some tasks that come together. */
final class Bursts {
  private final SplittableRandom random;
  private final List<Event> events;
  private final Supplier<TaskSpec> tasks;

  /**
   * @param events takes what is planned
   * @param tasks makes one more
   */
  Bursts(SplittableRandom random, List<Event> events, Supplier<TaskSpec> tasks) {
    this.random = random;
    this.events = events;
    this.tasks = tasks;
  }

  void add(long atMs, String text, Consumer<World> effect) {
    events.add(new Event(atMs, text, effect));
  }

  /** So many tasks come, within 20 ms. */
  List<TaskSpec> produce(long atMs, int size) {
    List<TaskSpec> produced = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      TaskSpec spec = tasks.get();
      produced.add(spec);
      add(atMs + random.nextInt(20), "produce " + spec, world -> world.produce(spec));
    }
    return produced;
  }
}
