package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.Configuration;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;

/** A configuration that {@code check-config} has nothing to say about. */
final class CheckedConfig {
  private CheckedConfig() {}

  /** Fails if it finds a problem, a warning or a former name. */
  static BrokerConfig read(Path file, Map<String, String> environment) {
    var err = new StringWriter();
    int status =
        TaskbrokerCommand.line(environment)
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err))
            .execute("check-config", "-c", file.toAbsolutePath().toString());
    assertThat(err.toString()).as("what check-config says of %s", file).isEmpty();
    assertThat(status).as("exit status for %s", file).isZero();
    return Configuration.load(file, Path.of(""), environment).settings();
  }
}
