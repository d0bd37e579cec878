package io.taskbroker.proving.scenarios;

import io.taskbroker.proving.ledger.Account;
import io.taskbroker.proving.ledger.Ending;
import io.taskbroker.proving.ledger.Repeat;
import io.taskbroker.proving.ledger.TaskKind;
import io.taskbroker.proving.load.WorkerSettings.Unheard;
import io.taskbroker.proving.process.BrokerProcess;
import io.taskbroker.proving.process.Signal;
import io.taskbroker.proving.process.StoreView;
import io.taskbroker.proving.process.Waiting;
import java.time.Duration;
import java.util.Map;
import java.util.Random;

/** A broker that dies at any moment loses nothing. */
final class Kill implements Scenario {
  private static final int TASKS = 50_000;
  private static final int KILLS = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration SHORTEST_LIFE = Duration.ofMillis(300);
  private static final Duration LONGEST_LIFE = Duration.ofMillis(3_500);
  private static final Duration WORK = Duration.ofMillis(10);
  private static final Duration DEADLINE = Duration.ofSeconds(3);

  private static final TaskKind PLAIN = kind("kill.plain");
  private static final TaskKind RETRIED = kind("kill.retried").retrying(1);
  private static final TaskKind KEPT = kind("kill.kept").ending(Ending.DEAD_LETTER);

  /** One in ten is retried, one in ten is kept as a dead letter. */
  private static final int SHARE = 10;

  private static TaskKind kind(String taskname) {
    return TaskKind.quick(taskname).working(WORK).within(DEADLINE);
  }

  @Override
  public String name() {
    return "kill";
  }

  @Override
  public String promise() {
    return TASKS + " tasks while the broker is killed " + KILLS + " times: none is lost";
  }

  @Override
  public Verdict play(Stage stage) {
    stage.say("seed=" + stage.seed() + ", deadline " + DEADLINE + ", half of the workers forget");
    var limits =
        Map.<String, Object>of(
            "store.processing_deadline_grace_sec",
            0,
            "upkeep_deadline_reset_skip_after_startup_sec",
            1);
    try (Rig rig = Rig.on(stage, "kill", limits);
        var faithful = rig.startWorkers(rig.workers(16, 2), PLAIN, RETRIED, KEPT);
        var forgetful =
            rig.startWorkers(
                rig.workers(16, 2).whenUnheard(Unheard.FORGET), PLAIN, RETRIED, KEPT)) {
      long stored = killWhileProducing(rig, stage.random());
      try (BrokerProcess broker = rig.startBroker();
          StoreView view = rig.view()) {
        rig.awaitEnds(PATIENCE);
        rig.awaitNothingLeft(view, PATIENCE);
        var exit = broker.stop(Signal.TERM);
        return verdict(rig, stage)
            .show("left_at_last_kill", stored)
            .show("failed_calls", faithful.failedCalls() + forgetful.failedCalls())
            .expect("exit", 0, exit.code());
      }
    }
  }

  /** Returns how many tasks were on their way when the last kill fell. */
  private static long killWhileProducing(Rig rig, Random random) {
    int produced = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      try (BrokerProcess broker = BrokerProcess.launch(rig.settings())) {
        Duration life =
            Duration.ofMillis(
                random.nextLong(SHORTEST_LIFE.toMillis(), LONGEST_LIFE.toMillis() + 1));
        long end = System.nanoTime() + life.toNanos();
        int share = TASKS * kill / KILLS - produced;
        for (int i = 0; i < share; i++) {
          rig.producer().produce(kindOf(produced++));
        }
        Waiting.pause(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        broker.kill();
      }
    }
    rig.producer().flush();
    return rig.ledger().unfinished();
  }

  private static TaskKind kindOf(int number) {
    return switch (number % SHARE) {
      case 0 -> RETRIED;
      case 1 -> KEPT;
      default -> PLAIN;
    };
  }

  private static Verdict verdict(Rig rig, Stage stage) {
    Account account = rig.ledger().account();
    Verdict verdict =
        new Verdict()
            .show("seed", stage.seed())
            .show("kills", KILLS)
            .expect("produced", TASKS, account.produced())
            .expect("completed", TASKS - TASKS / SHARE, account.completed())
            .expect("dead_lettered", TASKS / SHARE, account.deadLettered())
            .expect("retried", TASKS / SHARE, account.retried())
            .expect("lost", 0, account.open())
            .show("repeated", account.repeats());
    for (Repeat cause : Repeat.values()) {
      verdict.show(cause.toString(), account.repeated().getOrDefault(cause, 0L));
    }
    return verdict
        .show("retry_copies", account.retryRecords() - account.retried())
        .show("dead_letter_copies", account.deadLetterRecords() - account.deadLettered())
        .expect("unexplained", 0, account.unexplained())
        .expectNone("wrong", rig.ledger().complaints());
  }
}
