package io.taskbroker.proving.crash;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Duration;
import java.util.List;

/** A task on its way in and out, by workers that ask for it, and the stop of the broker. */
final class PulledWork implements Part {
  private static final TaskKind PLAIN = CrashRig.kind("plain");
  private static final TaskKind RETRIED = CrashRig.kind("retry").retrying(1);
  private static final TaskKind KEPT = CrashRig.kind("dead_letter").ending(Ending.DEAD_LETTER);
  private static final TaskKind DELAYED = CrashRig.kind("delay").delayed(Duration.ofSeconds(1));
  private static final TaskKind ONCE = CrashRig.kind("once").onceAtMost();
  private static final TaskKind ONCE_RETRIED = CrashRig.kind("once_retry").retrying(1).onceAtMost();

  private static final List<TaskKind> KINDS =
      List.of(PLAIN, RETRIED, KEPT, DELAYED, ONCE, ONCE_RETRIED);

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (CrashRig rig = CrashRig.pulled(stage, KINDS)) {
      Walk walk = new Walk(stage, rig, "", verdict);
      walk.through(new Step.Intake(PLAIN));
      KINDS.forEach(kind -> walk.through(new Step.Task(kind)));
      walk.through(new Step.Shutdown(PLAIN));
      walk.judge(List.of(ONCE, ONCE_RETRIED));
    }
  }
}
