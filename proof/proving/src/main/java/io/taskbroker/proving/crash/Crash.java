package io.taskbroker.proving.crash;

import io.taskbroker.proving.machine.PreloadedLibrary;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import java.util.List;

/** Programs are killed before each of their file operations, from the first to the last. */
public final class Crash implements Scenario {
  private static final List<Part> PARTS =
      List.of(
          new PulledWork(),
          new PushedWork(),
          new Demotions(),
          new Checkpointing(),
          new ToolsKilled(),
          new ImportCut());

  @Override
  public String name() {
    return "crash";
  }

  @Override
  public String promise() {
    return "killed before each file operation of its work, pulled and pushed, of demotion, checkpoint,"
        + " import, export, backup and stop: nothing is lost, at-most-once tasks run once at most";
  }

  @Override
  public Verdict play(Stage stage) {
    if (!PreloadedLibrary.isPossible()) {
      return new Verdict().skip("crash points", PreloadedLibrary.NEEDS);
    }
    return Part.playAll(PARTS, stage);
  }
}
