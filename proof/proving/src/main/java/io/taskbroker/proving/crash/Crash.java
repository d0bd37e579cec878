package io.taskbroker.proving.crash;

import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The broker is killed before each of its file operations, from the first to the last. */
public final class Crash implements Scenario {
  /** More than any step has. */
  private static final int MOST_POINTS = 60;

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration REAPED = Duration.ofMillis(500);
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  private static final TaskKind PLAIN = kind("crash.plain");
  private static final TaskKind RETRIED = kind("crash.retry").retrying(1);
  private static final TaskKind KEPT = kind("crash.dead_letter").ending(Ending.DEAD_LETTER);
  private static final TaskKind DELAYED = kind("crash.delay").delayed(Duration.ofSeconds(1));
  private static final TaskKind ONCE = kind("crash.once").onceAtMost();
  private static final TaskKind ONCE_RETRIED = kind("crash.once_retry").retrying(1).onceAtMost();

  private static final List<TaskKind> KINDS =
      List.of(PLAIN, RETRIED, KEPT, DELAYED, ONCE, ONCE_RETRIED);

  private static final List<Step> STEPS =
      List.of(
          new Step.Intake(PLAIN),
          new Step.Task(PLAIN),
          new Step.Task(RETRIED),
          new Step.Task(KEPT),
          new Step.Task(DELAYED),
          new Step.Task(ONCE),
          new Step.Task(ONCE_RETRIED),
          new Step.Shutdown(PLAIN));

  private static TaskKind kind(String taskname) {
    return TaskKind.quick(taskname).within(DEADLINE);
  }

  @Override
  public String name() {
    return "crash";
  }

  @Override
  public String promise() {
    return "killed before each file operation of "
        + STEPS.size()
        + " pieces of work: nothing is lost, at-most-once tasks run once at most";
  }

  @Override
  public Verdict play(Stage stage) {
    if (!PreloadedLibrary.isPossible()) {
      return new Verdict().skip("crash points", PreloadedLibrary.NEEDS);
    }
    Verdict verdict = new Verdict();
    try (CrashRig rig = CrashRig.on(stage, KINDS)) {
      rig.start();
      for (Step step : STEPS) {
        List<String> points = walk(rig, step, stage.some(1, 4));
        for (String point : points) {
          stage.say(point);
        }
        verdict.atLeast(step.name() + "_points", 1, points.size());
      }
      rig.finish();
      judge(rig.ledger(), verdict);
    }
    return verdict;
  }

  /**
   * Kills before the first operation, and after some more, until one life reaches the end.
   *
   * @param stride from one point to the next
   * @return what was about to happen at each, and what became of the task
   */
  private static List<String> walk(CrashRig rig, Step step, int stride) {
    List<String> points = new ArrayList<>();
    for (int number = 1; number <= MOST_POINTS; number += stride) {
      rig.start();
      step.prepare(rig);
      long before = rig.ledger().account().repeats();
      rig.point().arm(number);
      step.begin(rig);
      Waiting.until(
          step.name() + " is done, or the broker killed",
          PATIENCE,
          () -> !rig.isAlive() || step.isDone(rig));
      rig.point().disarm();
      Waiting.pause(REAPED); // it may just have been killed
      boolean killed = rig.wasKilled();
      rig.finish();
      if (!killed) {
        return points;
      }
      long repeats = rig.ledger().account().repeats() - before;
      points.add(
          "%s %d: before %s; handed out again %d times"
              .formatted(step.name(), number, rig.point().operation(), repeats));
    }
    throw new IllegalStateException(
        step.name() + " has more than " + MOST_POINTS + " file operations");
  }

  private static void judge(Ledger ledger, Verdict verdict) {
    Account account = ledger.account();
    long dropped = ledger.unfinished(ONCE) + ledger.unfinished(ONCE_RETRIED);
    verdict
        .show("tasks", account.produced())
        .expect("lost", 0, account.open() - dropped)
        .show("once_failed_in_doubt", dropped)
        .expect("once_twice", 0, account.repeated().getOrDefault(Repeat.AT_MOST_ONCE, 0L))
        .show("repeated", account.repeats())
        .expectNone("unexplained", ledger.unexplained())
        .expectNone("wrong", ledger.complaints());
  }
}
