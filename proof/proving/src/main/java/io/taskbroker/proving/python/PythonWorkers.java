package io.taskbroker.proving.python;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.SourceTree;

/** The reference's client for Python, unchanged, at both ends. */
public final class PythonWorkers implements Scenario {
  @Override
  public String name() {
    return "workers";
  }

  @Override
  public String promise() {
    return "the reference's Python client as producer and worker, pull and push, with and without"
        + " secrets: each task's fate as expected";
  }

  @Override
  public Verdict play(Stage stage) {
    Installation installation =
        Installation.in(SourceTree.built("python-client"), SourceTree.built("python-installation"));
    return switch (installation) {
      case Installation.Ready(PythonClient client) -> play(stage, client);
      case Installation.Missing(String remedy) ->
          new Verdict().skip("the reference's client", remedy);
    };
  }

  private static Verdict play(Stage stage, PythonClient client) {
    Verdict verdict = new Verdict();
    for (PythonRig.Delivery delivery : PythonRig.Delivery.values()) {
      for (PythonRig.Calls calls : PythonRig.Calls.values()) {
        var pair = new PythonRig.Pair("", client, client);
        var rig = new PythonRig(stage, pair, delivery, calls);
        try (PythonTurn turn = PythonTurn.start(stage, rig)) {
          turn.play(verdict);
        }
      }
    }
    return verdict;
  }
}
