package io.taskbroker.proving.python;

import io.taskbroker.proving.python.Fate.Range;
import io.taskbroker.proving.python.PythonRig.Pair;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.SourceTree;
import java.util.List;

/** The reference's client for Python and ours, at either end. */
public final class PythonPairs implements Scenario {
  private static final int TASKS = 500;
  private static final Range ONCE = Range.exactly(1);

  static final Fate PLAIN = Fate.of("quick", TASKS, "all types of arguments arrive", ONCE, ONCE);
  static final Fate COMPRESSED = Fate.of("zipped", TASKS, "zstd, and headers", ONCE, ONCE);

  @Override
  public String name() {
    return "clients";
  }

  @Override
  public String promise() {
    return "the reference's Python client and ours, each as producer and as worker, pull and push,"
        + " with and without secrets and compression: "
        + TASKS
        + " tasks each, none lost, none twice";
  }

  @Override
  public Verdict play(Stage stage) {
    Installation installation =
        Installation.in(SourceTree.built("python-client"), SourceTree.built("python-installation"));
    return switch (installation) {
      case Installation.Ready(PythonClient client) -> play(stage, client);
      case Installation.Missing(String remedy) ->
          new Verdict().skip("the reference's client, and ours beside it", remedy);
    };
  }

  private static Verdict play(Stage stage, PythonClient theirs) {
    PythonClient ours = theirs.ours();
    Verdict verdict = new Verdict();
    for (Pair pair :
        List.of(
            new Pair("theirs_to_ours", theirs, ours),
            new Pair("ours_to_theirs", ours, theirs),
            new Pair("ours_to_ours", ours, ours))) {
      for (PythonRig.Delivery delivery : PythonRig.Delivery.values()) {
        for (PythonRig.Calls calls : PythonRig.Calls.values()) {
          var rig = new PythonRig(stage, pair, delivery, calls);
          try (PythonTurn turn = PythonTurn.start(stage, rig)) {
            turn.playOnce(verdict, List.of(PLAIN, COMPRESSED));
          }
        }
      }
    }
    return verdict;
  }
}
