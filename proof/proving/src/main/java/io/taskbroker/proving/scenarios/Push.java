package io.taskbroker.proving.scenarios;

import java.util.List;

/** Workers that wait to be called, in whatever state they are. */
final class Push implements Scenario {
  /** One thing that may happen to them. */
  interface Part {
    void play(Stage stage, Verdict verdict);
  }

  private static final List<Part> PARTS =
      List.of(
          new PushOnce(),
          new PushRefused(),
          new PushHanging(),
          new PushKilled(),
          new PushBesideTheDead());

  @Override
  public String name() {
    return "push";
  }

  @Override
  public String promise() {
    return "workers that are called: each task once; nothing lost while they refuse, hang, die; one"
        + " dead application slows no other";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    for (Part part : PARTS) {
      part.play(stage, verdict);
      stage.say(part.getClass().getSimpleName() + " played");
    }
    return verdict;
  }
}
