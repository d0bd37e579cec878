package io.taskbroker.proving.crash;

import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;

/**
 * Has a broker do pieces of work. It is killed before the first file operation of one, and after
 * some more, until one life reaches the end.
 */
final class Walk {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration REAPED = Duration.ofMillis(500);

  private final Stage stage;
  private final CrashRig rig;
  private final String prefix;
  private final Verdict verdict;

  /**
   * @param prefix of the names of figures
   */
  Walk(Stage stage, CrashRig rig, String prefix, Verdict verdict) {
    this.stage = stage;
    this.rig = rig;
    this.prefix = prefix;
    this.verdict = verdict;
  }

  /** Says what was about to happen at each kill, and counts the kills. */
  void through(Step step) {
    int points = 0;
    for (int number = 1; isKilledAt(step, number); number = step.after(number, stage)) {
      points++;
    }
    verdict.atLeast(prefix + step.name() + "_points", 1, points);
  }

  /** Whether the broker was killed; false if it came to the end first. */
  private boolean isKilledAt(Step step, int number) {
    if (number > step.most()) {
      throw new IllegalStateException(
          step.name() + " has more than " + step.most() + " file operations");
    }
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
    if (killed) {
      long repeats = rig.ledger().account().repeats() - before;
      stage.say(
          "%s%s %d: before %s; handed out again %d times"
              .formatted(prefix, step.name(), number, rig.point().operation(), repeats));
    }
    return killed;
  }

  /**
   * What has become of all tasks.
   *
   * @param once kinds that may fail in doubt, which nobody sees
   */
  void judge(List<TaskKind> once) {
    Ledger ledger = rig.ledger();
    Account account = ledger.account();
    long dropped = once.stream().mapToLong(ledger::unfinished).sum();
    verdict
        .show(prefix + "tasks", account.produced())
        .expect(prefix + "lost", 0, account.open() - dropped)
        .show(prefix + "once_failed_in_doubt", dropped)
        .expect(prefix + "once_twice", 0, account.repeated().getOrDefault(Repeat.AT_MOST_ONCE, 0L))
        .show(prefix + "repeated", account.repeats())
        .expectNone(prefix + "unexplained", ledger.unexplained())
        .expectNone(prefix + "wrong", ledger.complaints());
  }
}
