package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.SplittableRandom;

/** Plans what befalls the server that brokers share just while they are busy with it. */
final class ServerPlanner {
  private final Luck luck;
  private final SplittableRandom random;
  private final Setup setup;
  private final Bursts plan;

  ServerPlanner(Luck luck, Setup setup, Bursts plan) {
    this.luck = luck;
    this.random = luck.random;
    this.setup = setup;
    this.plan = plan;
  }

  /** Planned last, so that the rest of a plan stays as it is. */
  void plan() {
    if (random.nextInt(6) == 0) {
      crashWhileSyncing();
    }
    if (random.nextInt(5) == 0) {
      slowHandOver();
    }
    if (random.nextInt(8) == 0) {
      handOverDuringAnOutage();
    }
    if (setup.pushes() && random.nextInt(4) == 0) {
      silence();
    }
    if (setup.brokers() > 1 && random.nextInt(6) == 0) {
      pagesThatComeAgain();
    }
  }

  private void crashWhileSyncing() {
    int broker = luck.broker(setup.brokers());
    long atMs = luck.someTime();
    plan.produce(atMs, 4 + random.nextInt(5));
    accident(atMs, broker, "CRASH_AT_A_SYNC");
  }

  private void accident(long atMs, int broker, String accident) {
    plan.add(
        atMs,
        "%s: disk %s".formatted(Luck.name(broker), accident),
        world -> world.accident(broker, accident));
  }

  /** Tasks are with workers while their rows go to others, and the server takes its time. */
  private void slowHandOver() {
    long atMs = luck.someTime();
    plan.produce(atMs, 5 + random.nextInt(6));
    for (int broker = 0; broker < setup.brokers(); broker++) {
      for (int times = random.nextInt(3); times > 0; times--) {
        accident(atMs, broker, "AWAY_AT_REPORTS");
      }
    }
    Duration span = luck.between(800, 3_000);
    plan.add(
        atMs + random.nextInt(300),
        "the server is slow for %d ms".formatted(span.toMillis()),
        world -> world.troubleServer("SLOW", span));
    plan.add(atMs + random.nextInt(600), "rebalance the group", World::rebalance);
    for (int times = random.nextInt(3); times > 0; times--) {
      int tenths = 5 + random.nextInt(6);
      plan.add(
          atMs + random.nextInt(200, 2_500),
          "the server crashes",
          world -> world.crashServer(tenths));
    }
  }

  /**
   * Partitions change hands again and again while workers report, and what was reported to others
   * is refused at first. So rows end while their page is on its way once more.
   */
  private void pagesThatComeAgain() {
    long atMs = random.nextInt(2_000);
    Duration span = luck.between(2_000, 4_000);
    plan.add(
        atMs,
        "the server is slow for %d ms".formatted(span.toMillis()),
        world -> world.troubleServer("SLOW", span));
    for (int change = 0; change < 3; change++) {
      plan.produce(atMs, 4 + random.nextInt(6));
      for (int broker = 0; broker < setup.brokers(); broker++) {
        accident(atMs, broker, "AWAY_AT_REPORTS");
      }
      atMs += random.nextInt(200, 1_000);
      plan.add(atMs, "rebalance the group", World::rebalance);
    }
  }

  /** Kafka has what leaves, that cannot be written, and others want the partition. */
  private void handOverDuringAnOutage() {
    long atMs = luck.someTime();
    plan.produce(atMs, 5 + random.nextInt(6));
    for (int broker = 0; broker < setup.brokers(); broker++) {
      accident(atMs, broker, "AWAY_AT_AN_ACKNOWLEDGEMENT");
    }
    plan.add(atMs + random.nextInt(1_500), "rebalance the group", World::rebalance);
  }

  /** One broker is not heard for so long that others take it for dead, and has tasks to push. */
  private void silence() {
    int broker = luck.broker(setup.brokers());
    long atMs = random.nextInt(1_000);
    Duration span = luck.between(9_000, 15_000);
    plan.add(
        atMs,
        "%s: server BEATS_HANG for %d ms".formatted(Luck.name(broker), span.toMillis()),
        world -> world.troubleDisk(broker, "BEATS_HANG", span));
    for (int burst = 0; burst < 3; burst++) {
      plan.produce(atMs + 7_500 + random.nextInt(4_000), 1 + random.nextInt(4));
    }
  }
}
