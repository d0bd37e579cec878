package io.taskbroker.proving.push;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import java.util.List;

/**
 * Workers that are called through a proxy, which answers, breaks and moves as service meshes do.
 */
public final class ServiceMesh implements Scenario {
  private static final List<Part> PARTS =
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
    return Part.playAll(PARTS, stage);
  }
}
