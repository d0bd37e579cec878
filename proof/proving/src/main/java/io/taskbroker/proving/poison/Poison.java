package io.taskbroker.proving.poison;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;

/** What one bad row can do to the others: nothing. */
public final class Poison implements Scenario {
  @Override
  public String name() {
    return "poison";
  }

  @Override
  public String promise() {
    return "a damaged page of the store: everybody else is served, salvage names the rest";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    DamagedPage.play(stage, verdict);
    return verdict;
  }
}
