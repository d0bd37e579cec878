package io.taskbroker.proving.scenarios;

import java.util.List;

/** Kafka, or a part of it, is away, or refuses. */
final class Outage implements Scenario {
  /** One way in which it may. */
  interface Part {
    void play(Stage stage, Verdict verdict);
  }

  private static final List<Part> PARTS =
      List.of(
          new OutageInTheMiddle(), new OutageOfATopic(), new OutageOfRights(), new OutageForEver());

  @Override
  public String name() {
    return "outage";
  }

  @Override
  public String promise() {
    return "Kafka goes away and comes back, or never does; topics are deleted, rights taken away:"
        + " work goes on, nothing is lost";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    for (Part part : PARTS) {
      String name = part.getClass().getSimpleName();
      part.play(stage.in(name), verdict);
      stage.say(name + " played");
    }
    return verdict;
  }
}
