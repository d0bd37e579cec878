package io.taskbroker.proving.outages;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import java.util.List;

/** Kafka, or a part of it, is away, or refuses. */
public final class Outage implements Scenario {
  private static final List<Part> PARTS =
      List.of(
          new OutageInTheMiddle(),
          new OutageOfATopic(),
          new OutageOfRights(),
          new OutageOfTime(),
          new OutageForEver());

  @Override
  public String name() {
    return "outage";
  }

  @Override
  public String promise() {
    return "Kafka goes away and comes back, or never does; topics are deleted, rights taken away,"
        + " the clock is set back meanwhile: work goes on, nothing is lost";
  }

  @Override
  public Verdict play(Stage stage) {
    return Part.playAll(PARTS, stage);
  }
}
