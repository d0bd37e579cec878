package io.taskbroker.proving.tasks;

import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.machine.SteppedClock;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Somebody sets the clock of a machine whose broker is busy. */
public final class Clock implements Scenario {
  private static final Duration HOUR = Duration.ofHours(1);

  /** How the clock stands to the machine's, one after the other. */
  private static final List<Duration> STEPS =
      List.of(HOUR, Duration.ZERO, HOUR.negated(), Duration.ZERO);

  private static final Duration BETWEEN_STEPS = Duration.ofSeconds(12);
  private static final Duration TICK = Duration.ofMillis(100);
  private static final int QUICK_PER_TICK = 20;
  private static final int DELAYED_TASKS = 50;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration WORK = Duration.ofSeconds(5);
  private static final Duration DEADLINE = Duration.ofSeconds(15);

  private static final TaskKind QUICK = TaskKind.quick("clock.quick");
  private static final TaskKind LONG = TaskKind.quick("clock.long").working(WORK).within(DEADLINE);
  private static final TaskKind ONCE =
      TaskKind.quick("clock.once").working(WORK).within(DEADLINE).onceAtMost();
  private static final TaskKind DELAYED =
      TaskKind.quick("clock.delayed").delayed(Duration.ofMinutes(30));

  @Override
  public String name() {
    return "clock";
  }

  @Override
  public String promise() {
    return "the clock is stepped by an hour, both ways, under load: nobody's time is cut short";
  }

  @Override
  public Verdict play(Stage stage) {
    if (!PreloadedLibrary.isPossible()) {
      return new Verdict().skip("stepping the clock", PreloadedLibrary.NEEDS);
    }
    SteppedClock clock = SteppedClock.build(stage.folder());
    try (Rig rig = stage.rig("clock", Map.of("upkeep_deadline_reset_skip_after_startup_sec", 0));
        BrokerProcess broker =
            BrokerProcess.launchBy(clock.wrapper(), rig.settings()).awaitServing(PATIENCE);
        var _ = rig.startWorkers(rig.workers(192, 4), QUICK, LONG, ONCE, DELAYED)) {
      rig.producer().produce(DELAYED, DELAYED_TASKS);
      long produced = DELAYED_TASKS + load(rig);
      for (Duration step : STEPS) {
        clock.step(step);
        stage.say("the clock is ahead by " + step);
        produced += load(rig);
      }
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      Waiting.untilNothingLeft(
          "all offsets are committed",
          PATIENCE,
          () -> rig.topics().lag(rig.settings().group(), rig.settings().topic()));
      int exit = broker.stop(ProcessSignal.TERM).code();
      Account account = rig.ledger().account();
      return new Verdict()
          .expect("produced", produced, account.produced())
          .expect("completed", produced, account.completed())
          .expect("lost", 0, account.open())
          .expect("repeated", 0, account.repeats())
          .expect("dead_lettered", 0, account.deadLetterRecords())
          .expect("handed_out", produced, account.handedOut())
          .show("send_to_worker_ms", rig.ledger().latency())
          .expectNone("error_lines", rig.settings().errorLines())
          .expect("exit", 0, exit);
    }
  }

  /** Some seconds of it; returns how many tasks. */
  private static long load(Rig rig) {
    long produced = 0;
    long end = System.nanoTime() + BETWEEN_STEPS.toNanos();
    while (System.nanoTime() < end) {
      rig.producer().produce(QUICK, QUICK_PER_TICK);
      rig.producer().produce(LONG);
      rig.producer().produce(ONCE);
      produced += QUICK_PER_TICK + 2;
      Waiting.pause(TICK);
    }
    return produced;
  }
}
