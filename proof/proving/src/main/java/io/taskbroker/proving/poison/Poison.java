package io.taskbroker.proving.poison;

import io.taskbroker.proving.poison.PoisonedTasks.Mode;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import java.util.List;

/** What one bad row can do to the others: nothing. */
public final class Poison implements Scenario {
  @Override
  public String name() {
    return "poison";
  }

  @Override
  public String promise() {
    return "bad rows, bad tasks and a damaged page: everybody else is served, and each says why";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    for (Mode mode : Mode.values()) {
      for (boolean atMostOnce : List.of(false, true)) {
        PoisonedTasks.play(stage, mode, atMostOnce, verdict);
      }
    }
    DamagedPage.play(stage, verdict);
    return verdict;
  }
}
