package io.taskbroker.proving.shared;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;

/** Everything that a server of Postgres may do to brokers, under load. */
public final class PgFaults implements Scenario {
  @Override
  public String name() {
    return "pgfaults";
  }

  @Override
  public String promise() {
    return "the database server is killed, restarted, away, read-only, out of disk and of"
        + " connections, cut off at each message, ends sessions and locks a table: two brokers say"
        + " so and go on, nothing is lost";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict().show("seed", stage.seed());
    try (FaultGround ground = FaultGround.prepare(stage, verdict)) {
      new ServerFaults(stage, ground, verdict).play();
      ground.end();
    }
    return verdict;
  }
}
