package io.taskbroker.proving.crash;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import java.util.List;

/** A task that is stored goes to a worker that is called. */
final class PushedWork implements Part {
  private static final TaskKind PLAIN = CrashRig.kind("plain");
  private static final TaskKind RETRIED = CrashRig.kind("retry").retrying(1);
  private static final TaskKind KEPT = CrashRig.kind("dead_letter").ending(Ending.DEAD_LETTER);
  private static final TaskKind ONCE = CrashRig.kind("once").onceAtMost();

  private static final List<TaskKind> KINDS = List.of(PLAIN, RETRIED, KEPT, ONCE);

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (CrashRig rig = CrashRig.pushed(stage, KINDS)) {
      Walk walk = new Walk(stage, rig, "pushed.", verdict);
      KINDS.forEach(kind -> walk.through(new Step.Task(kind)));
      walk.through(new Step.Shutdown(PLAIN));
      walk.judge(List.of(ONCE));
    }
  }
}
