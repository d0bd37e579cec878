package io.taskbroker.proving.outages;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.WorkerSettings.Unheard;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;
import java.util.Random;

/** A broker that dies at any moment loses nothing. */
public final class Kill implements Scenario {
  private static final int TASKS = 50_000;
  private static final int KILLS = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int PER_LIFE = TASKS / KILLS;

  /** One broker in so many is killed while it starts. */
  private static final int STILLBORN = 5;

  /** From launch to serving takes about this long. */
  private static final Duration BIRTH = Duration.ofSeconds(2);

  /** A life without work ends after this, too. */
  private static final Duration IDLE_LIFE = Duration.ofSeconds(20);

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
            "kafka_session_timeout_ms",
            1_500,
            "store.processing_deadline_grace_sec",
            0,
            "upkeep_deadline_reset_skip_after_startup_sec",
            1);
    try (Rig rig = stage.rig("kill", limits);
        var faithful = rig.startWorkers(rig.workers(16, 2), PLAIN, RETRIED, KEPT);
        var forgetful =
            rig.startWorkers(
                rig.workers(16, 2).whenUnheard(Unheard.FORGET), PLAIN, RETRIED, KEPT)) {
      Moments moments = killWhileProducing(rig, stage.random());
      try (BrokerProcess broker = rig.startBroker();
          StoreWindow view = rig.view()) {
        rig.awaitEnds(PATIENCE);
        rig.awaitNothingLeft(view, PATIENCE);
        var exit = broker.stop(ProcessSignal.TERM);
        return verdict(rig, stage)
            .show("killed_under_work", moments.underWork())
            .show("open_at_last_kill", moments.openAtLast())
            .show("failed_calls", faithful.failedCalls() + forgetful.failedCalls())
            .expect("exit", 0, exit.code());
      }
    }
  }

  /**
   * When the kills fell.
   *
   * @param underWork how many of them after a worker had got something from that broker
   * @param openAtLast tasks that had not come to their end at the last one
   */
  private record Moments(int underWork, long openAtLast) {}

  private static Moments killWhileProducing(Rig rig, Random random) {
    int underWork = 0;
    long open = 0;
    for (int life = 0; life < KILLS; life++) {
      try (BrokerProcess broker = BrokerProcess.launch(rig.settings())) {
        long before = rig.ledger().handouts();
        for (int i = 0; i < PER_LIFE; i++) {
          rig.producer().produce(kindOf(life * PER_LIFE + i));
        }
        awaitMoment(rig, before, random);
        underWork += rig.ledger().handouts() > before ? 1 : 0;
        open = rig.ledger().unfinished();
        broker.kill();
      }
    }
    rig.producer().flush();
    return new Moments(underWork, open);
  }

  /** Some time after the launch, or some time after some work. */
  private static void awaitMoment(Rig rig, long before, Random random) {
    if (random.nextInt(STILLBORN) == 0) {
      Waiting.pause(Duration.ofMillis(random.nextLong(BIRTH.toMillis())));
      return;
    }
    long work = random.nextInt(1, 2 * PER_LIFE);
    long end = System.nanoTime() + IDLE_LIFE.toNanos();
    Waiting.until(
        "a broker has lived",
        IDLE_LIFE.multipliedBy(2),
        () -> rig.ledger().handouts() - before >= work || System.nanoTime() - end > 0);
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
        .expectNone("unexplained", rig.ledger().unexplained())
        .expectNone("wrong", rig.ledger().complaints());
  }
}
