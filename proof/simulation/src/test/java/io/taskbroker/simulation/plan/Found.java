package io.taskbroker.simulation.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.List;

/** What histories that were found are written with. Brokers are counted from 0. */
final class Found {
  private Found() {}

  /**
   * Plays a history, and fails if it breaks a rule.
   *
   * @param seed by which it was found
   */
  static void assertHolds(long seed, Setup setup, List<Event> events) {
    assertThat(Play.of(new Plan(seed, setup, events), false).violation()).isEmpty();
  }

  static Event produce(long atMs, TaskSpec spec) {
    return new Event(atMs, "produce " + spec, world -> world.produce(spec));
  }

  static Event disk(long atMs, int broker, String trouble, long forMs) {
    return new Event(
        atMs,
        "disk " + trouble,
        world -> world.troubleDisk(broker, trouble, Duration.ofMillis(forMs)));
  }

  static Event server(long atMs, String trouble, long forMs) {
    return new Event(
        atMs, "server " + trouble, world -> world.troubleServer(trouble, Duration.ofMillis(forMs)));
  }

  static Event kill(long atMs, int broker, long downMs) {
    return new Event(atMs, "kill", world -> world.kill(broker, Duration.ofMillis(downMs)));
  }

  static Event pause(long atMs, int broker, String application, long forMs) {
    return new Event(
        atMs,
        "pause " + application,
        world -> world.pause(broker, application, Duration.ofMillis(forMs)));
  }

  /** By five minutes. */
  static Event clockAhead(long atMs, int broker, long forMs) {
    return new Event(
        atMs,
        "the clock is ahead",
        world -> world.stepClock(broker, Duration.ofMinutes(5), Duration.ofMillis(forMs)));
  }

  static Event rebalance(long atMs) {
    return new Event(atMs, "rebalance the group", World::rebalance);
  }

  /**
   * @param of its application and namespace, such as {@code shop/fast}
   */
  static TaskSpec task(
      String root, String taskname, String of, boolean atMostOnce, int deadlineSec) {
    return task(root, taskname, of, atMostOnce, deadlineSec, 0);
  }

  /** One whose payload is not kept in memory. */
  static TaskSpec large(
      String root, String taskname, String of, boolean atMostOnce, int deadlineSec) {
    return task(root, taskname, of, atMostOnce, deadlineSec, 70_000);
  }

  private static TaskSpec task(
      String root, String taskname, String of, boolean atMostOnce, int deadlineSec, int bytes) {
    List<String> names = List.of(of.split("/", -1));
    return new TaskSpec(
        root,
        names.getFirst(),
        names.getLast(),
        taskname,
        atMostOnce,
        false,
        0,
        0,
        deadlineSec,
        bytes);
  }

  static TaskSpec discarded(
      String root, String application, String namespace, int expiresSec, int deadlineSec) {
    return new TaskSpec(
        root, application, namespace, "mail", false, true, 0, expiresSec, deadlineSec, 0);
  }
}
