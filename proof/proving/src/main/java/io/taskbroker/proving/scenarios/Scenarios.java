package io.taskbroker.proving.scenarios;

import java.util.List;

/** All that can be played, in the order in which they are. */
public final class Scenarios {
  private static final List<Scenario> ALL =
      List.of(
          new Fetch(),
          new Retry(),
          new DeadLetter(),
          new Expiry(),
          new Delay(),
          new Kill(),
          new Push(),
          new ServiceMesh(),
          new Rebalance(),
          new Outage(),
          new Full(),
          new ChangedFiles(),
          new Poison(),
          new Clock(),
          new Import(),
          new Migration(),
          new PowerCut(),
          new Redeliver(),
          new Hostile(),
          new Memory(),
          new Limits(),
          new Connections(),
          new Rules(),
          new Raw(),
          new PythonWorkers(),
          new Assembled());

  private Scenarios() {}

  public static List<Scenario> all() {
    return ALL;
  }
}
