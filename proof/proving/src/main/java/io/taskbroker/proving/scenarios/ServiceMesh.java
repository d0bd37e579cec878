package io.taskbroker.proving.scenarios;

import java.util.List;

/**
 * Workers that are called through a proxy, which answers, breaks and moves as service meshes do.
 */
final class ServiceMesh implements Scenario {
  private static final List<Push.Part> PARTS =
      List.of(new MeshStorm(), new MeshHanging(), new MeshMoving());

  @Override
  public String name() {
    return "mesh";
  }

  @Override
  public String promise() {
    return "workers behind a proxy: no at-most-once task twice, whatever it answers; one connection"
        + " of four that hangs slows nobody; a new address gets its share within 90 s";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    for (Push.Part part : PARTS) {
      part.play(stage, verdict);
      stage.say(part.getClass().getSimpleName() + " played");
    }
    return verdict;
  }
}
