package io.taskbroker.proving.push;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import java.util.List;

/** Workers that wait to be called, in whatever state they are. */
public final class Push implements Scenario {
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
    return Part.playAll(PARTS, stage);
  }
}
