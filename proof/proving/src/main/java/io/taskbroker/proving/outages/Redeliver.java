package io.taskbroker.proving.outages;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Kafka sends records again whose tasks are finished: those for which a broker died before it had
 * committed their offsets.
 */
public final class Redeliver implements Scenario {
  private static final Map<String, Object> LIMITS =
      Map.of(
          "kafka_session_timeout_ms",
          1_500,
          "store.processing_deadline_grace_sec",
          0,
          "upkeep_deadline_reset_skip_after_startup_sec",
          1);

  private static final int KILLS = 20;

  /** A kill counts if an offset was not committed; most of them are quick enough. */
  private static final int MOST_TRIES = 4 * KILLS;

  private static final int BROKERS = 3;
  private static final int WARM_UP = 200;
  private static final int BURST = 30;

  /** So many of them have ended when the broker dies: the first commits are under way by then. */
  private static final int ENDED = 8;

  /**
   * At-most-once tasks wait for the commit, so they are pending when the broker dies. If Kafka has
   * it then, and the broker had not heard that, nobody may run them any more: they are dropped.
   */
  private static final int AT_MOST_ONCE = 3;

  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(1);

  /** Longer than survivors take to commit, and far shorter than the session of who was killed. */
  private static final Duration COMMIT = Duration.ofMillis(150);

  private static final int LOOKS_ALIKE = 3;
  private static final TaskKind PLAIN = TaskKind.quick("redeliver.plain");
  private static final TaskKind ONCE =
      TaskKind.quick("redeliver.once").within(Duration.ofSeconds(3)).onceAtMost();

  @Override
  public String name() {
    return "redeliver";
  }

  @Override
  public String promise() {
    return KILLS
        + " kills between the end of tasks and the commit of their offsets: none runs again on one"
        + " broker; over "
        + BROKERS
        + " each repeat is explained";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict().show("seed", stage.seed());
    play(stage, 1, verdict);
    play(stage, BROKERS, verdict);
    return verdict;
  }

  /**
   * What the kills met.
   *
   * @param early how many came before a commit
   * @param uncommitted records that were not committed, in all of them
   */
  private record Kills(int early, long uncommitted) {}

  private static void play(Stage stage, int count, Verdict verdict) {
    String topic = "redeliver-" + count;
    try (Rig rig = stage.in(topic).rig(topic, count, LIMITS)) {
      List<BrokerSetup> settings = settings(rig, count);
      List<Workers> workers = new ArrayList<>();
      List<BrokerProcess> brokers = new ArrayList<>();
      try {
        for (BrokerSetup one : settings) {
          brokers.add(BrokerProcess.launch(one));
          workers.add(rig.startWorkers(WorkerSettings.at(one.grpcAddress(), 8, 1), PLAIN, ONCE));
        }
        Kills kills = killEarly(rig, brokers, stage.random());
        brokers.forEach(broker -> broker.awaitServing(START));
        awaitRest(rig);
        settings.forEach(Redeliver::awaitNothingLeft);
        judge(rig, kills, "of_" + count, verdict);
      } finally {
        brokers.forEach(BrokerProcess::close);
        workers.forEach(Workers::close);
      }
    }
  }

  /** Each has a folder, a file and a port of its own. */
  private static List<BrokerSetup> settings(Rig rig, int count) {
    BrokerSetup common = rig.settings();
    List<BrokerSetup> settings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      settings.add(
          new BrokerSetup(
              common.folder().resolve("broker-" + i),
              common.kafka(),
              common.topic(),
              FreePorts.any(),
              common.further()));
    }
    return settings;
  }

  private static Kills killEarly(Rig rig, List<BrokerProcess> brokers, Random random) {
    int early = 0;
    long uncommitted = 0;
    for (int tries = 0; early < KILLS && tries < MOST_TRIES; tries++) {
      brokers.forEach(broker -> broker.awaitServing(START));
      warmUp(rig, brokers.size());
      awaitRest(rig);
      long before = rig.ledger().acknowledged();
      burst(rig, random.nextInt(brokers.size()));
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (rig.ledger().acknowledged() - before < ENDED && System.nanoTime() - end < 0) {
        LockSupport.parkNanos(LOOK.toNanos());
      }
      int victim = ownerOf(rig.ledger().acknowledgedBy(), brokers);
      brokers.get(victim).kill();
      long left = uncommittedByTheDead(rig);
      early += left > 0 ? 1 : 0;
      uncommitted += left;
      brokers.set(victim, BrokerProcess.launch(brokers.get(victim).settings()));
    }
    return new Kills(early, uncommitted);
  }

  /** What is left once the survivors have committed theirs, before they get more partitions. */
  private static long uncommittedByTheDead(Rig rig) {
    long last = -1;
    for (int alike = 0; alike < LOOKS_ALIKE; ) {
      LockSupport.parkNanos(COMMIT.toNanos());
      long now = rig.topics().lag(rig.settings().group(), rig.settings().topic());
      alike = now == last ? alike + 1 : 0;
      last = now;
    }
    return last;
  }

  /** Evenly over the partitions, of which each broker has one. */
  private static void warmUp(Rig rig, int partitions) {
    for (int i = 0; i < WARM_UP; i++) {
      rig.producer().produceTo(i % partitions, PLAIN);
    }
    rig.producer().flush();
  }

  private static void burst(Rig rig, int partition) {
    for (int i = 0; i < BURST; i++) {
      TaskKind kind = i < BURST - AT_MOST_ONCE ? PLAIN : ONCE;
      rig.producer().produceTo(partition, kind);
    }
    rig.producer().flush();
  }

  /** Which of them serves at the address. */
  private static int ownerOf(String address, List<BrokerProcess> brokers) {
    for (int i = 0; i < brokers.size(); i++) {
      if (brokers.get(i).settings().grpcAddress().equals(address)) {
        return i;
      }
    }
    throw new IllegalStateException("no report was acknowledged by a broker that is known");
  }

  private static void awaitRest(Rig rig) {
    Waiting.untilNothingLeft(
        "every task that is not at-most-once has ended",
        PATIENCE,
        () -> rig.ledger().unfinished(PLAIN));
    Waiting.untilNothingLeft(
        "all offsets are committed",
        PATIENCE,
        () -> rig.topics().lag(rig.settings().group(), rig.settings().topic()));
  }

  private static void awaitNothingLeft(BrokerSetup settings) {
    try (StoreWindow view = StoreWindow.open(settings.store())) {
      Waiting.untilNothingLeft(settings.store() + " is empty", PATIENCE, () -> view.count());
    }
  }

  private static void judge(Rig rig, Kills kills, String of, Verdict verdict) {
    Account account = rig.ledger().account();
    long elsewhere = account.repeated().getOrDefault(Repeat.BY_ANOTHER_BROKER, 0L);
    verdict
        .show("brokers", of.substring("of_".length()))
        .expect("kills_" + of, KILLS, kills.early())
        .show("uncommitted_" + of, kills.uncommitted())
        .expect("repeated_" + of, elsewhere, account.repeats())
        .atMost("by_another_broker_" + of, of.equals("of_1") ? 0 : kills.uncommitted(), elsewhere)
        .expect("at_most_once_" + of, 0, account.repeated().getOrDefault(Repeat.AT_MOST_ONCE, 0L))
        .expectNone("unexplained_" + of, rig.ledger().unexplained())
        .expect("lost_" + of, 0, rig.ledger().unfinished(PLAIN))
        .show("at_most_once_dropped_" + of, rig.ledger().unfinished(ONCE))
        .expectNone("wrong_" + of, rig.ledger().complaints());
  }
}
