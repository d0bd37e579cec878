package io.taskbroker.proving.imports;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;

/** Takes over the file of a reference broker. */
public final class Import implements Scenario {
  @Override
  public String name() {
    return "import";
  }

  @Override
  public String promise() {
    return "files of the reference, of each migration: imported, worked off, exported; nothing lost"
        + " when the broker is killed, or the power goes, while it imports";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    ImportEachMigration.play(stage, verdict);
    ImportKilled.play(stage, verdict);
    ImportPowerCut.play(stage, verdict);
    return verdict;
  }
}
