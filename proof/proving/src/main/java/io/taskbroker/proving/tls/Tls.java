package io.taskbroker.proving.tls;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;

/** Who gets in, and who is called, where both sides show certificates. */
public final class Tls implements Scenario {
  @Override
  public String name() {
    return "tls";
  }

  @Override
  public String promise() {
    return "certificates of both sides, for workers that ask, are attached or are called: nobody"
        + " else gets a task, each is told why, renewed files are taken up under load, a secret"
        + " counts beside them, and a scanner finds nothing weak";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    Certificates certificates = Certificates.in(stage.folder().resolve("certificates"));
    AskedByTls.play(stage.in("asked"), certificates, verdict);
    CalledByTls.play(stage.in("called"), certificates, verdict);
    return verdict;
  }
}
