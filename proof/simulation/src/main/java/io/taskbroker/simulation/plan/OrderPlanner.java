package io.taskbroker.simulation.plan;

import io.taskbroker.domain.operator.Act;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Plans what operators do: rules, pauses, and orders about single tasks. */
final class OrderPlanner {
  private static final List<Act> ACTS = List.of(Act.values());

  private final Luck luck;
  private final SplittableRandom random;
  private final int brokers;
  private final List<Event> events;
  private final List<Produced> produced = new ArrayList<>();

  private record Produced(String root, long atMs) {}

  /**
   * @param events takes what is planned
   */
  OrderPlanner(Luck luck, int brokers, List<Event> events) {
    this.luck = luck;
    this.random = luck.random;
    this.brokers = brokers;
    this.events = events;
  }

  /** There will be this task from then on. */
  void produced(String root, long atMs) {
    produced.add(new Produced(root, atMs));
  }

  private void add(long atMs, String text, Consumer<World> effect) {
    events.add(new Event(atMs, text, effect));
  }

  /** Rules that are in force from some time on. */
  void rule() {
    Set<String> task = Set.of(World.TASKNAMES.get(random.nextInt(3)));
    Set<String> namespace = Set.of(World.NAMESPACES.get(random.nextInt(2)));
    int kind = random.nextInt(3);
    Set<String> killed = kind == 0 ? task : Set.of();
    Set<String> selected = kind == 1 ? task : Set.of();
    Set<String> demoted = kind == 2 ? namespace : Set.of();
    add(
        luck.someTime(),
        "rules: kill %s, of %s those with an argument, demote %s"
            .formatted(killed, selected, demoted),
        world -> world.rule(killed, selected, demoted));
  }

  /** Orders about tasks, most of them while the task is likely to be there; or a pause. */
  void order() {
    if (random.nextInt(4) == 0) {
      pause();
      return;
    }
    int orders = 1 + random.nextInt(6);
    for (int i = 0; i < orders; i++) {
      int broker = luck.broker(brokers);
      Act act = ACTS.get(random.nextInt(ACTS.size()));
      Produced task = produced.get(random.nextInt(produced.size()));
      String root = task.root();
      add(
          task.atMs() + random.nextInt(random.nextBoolean() ? 300 : 3_000),
          "an operator orders %s of %s at %s".formatted(act, root, Luck.name(broker)),
          world -> world.act(broker, act, root));
    }
  }

  /**
   * Now and then a broker is drained for a while. Planned last, so that the rest stays as it is.
   */
  void drain() {
    if (random.nextInt(5) != 0) {
      return;
    }
    int broker = luck.broker(brokers);
    String onEmpty = random.nextInt(3) == 0 ? "EXIT" : "STAY";
    long atMs = luck.someTime();
    add(
        atMs,
        "an operator drains %s, and it is to %s".formatted(Luck.name(broker), onEmpty),
        world -> world.drain(broker, onEmpty));
    if (random.nextBoolean()) {
      add(
          atMs + random.nextInt(3_000),
          "an operator ends the drain of " + Luck.name(broker),
          world -> world.endDrain(broker));
    }
  }

  private void pause() {
    int broker = luck.broker(brokers);
    String application = World.APPLICATIONS.get(random.nextInt(2));
    Duration span = luck.between(200, 4_000);
    long atMs = luck.someTime();
    add(
        atMs,
        "an operator pauses %s at %s for %d ms"
            .formatted(application, Luck.name(broker), span.toMillis()),
        world -> world.pause(broker, application, span));
    if (random.nextBoolean()) {
      add(
          atMs + random.nextInt(2_000),
          "an operator resumes %s at %s".formatted(application, Luck.name(broker)),
          world -> world.resume(broker, application));
    }
  }
}
