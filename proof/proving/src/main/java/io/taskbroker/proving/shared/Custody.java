package io.taskbroker.proving.shared;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import java.util.List;

/** Partitions and their rows go from broker to broker, whatever happens to these. */
public final class Custody implements Scenario {
  @Override
  public String name() {
    return "custody";
  }

  @Override
  public String promise() {
    return "8 brokers share a database and are stopped, killed and frozen in %d rounds: of %d tasks"
            .formatted(CustodyRounds.ROUNDS, CustodyRounds.TASKS)
        + " none is lost, each repeat is explained; a partition of 10000 rows moves within 0.5 s,"
        + " and within 15 s of a kill";
  }

  @Override
  public Verdict play(Stage stage) {
    return Part.playAll(List.of(new HandOver(), new CustodyRounds()), stage)
        .show("seed", stage.seed());
  }
}
