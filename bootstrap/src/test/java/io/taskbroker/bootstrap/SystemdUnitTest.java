package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdUnitTest {
  private static final Path UNIT = Path.of("../deploy/systemd/taskbroker.service");
  private static final Path TOOL = Path.of("/usr/bin/systemd-analyze");

  /** As {@code ./taskbroker assemble} makes it. */
  private static final String PROGRAM = "/opt/taskbroker/bin/taskbroker";

  @TempDir private Path folder;

  @Test
  void theBrokerMayStopInItsOwnTime() throws IOException {
    assertThat(value("KillSignal")).isEqualTo("SIGTERM");
    assertThat(Duration.ofSeconds(Long.parseLong(value("TimeoutStopSec"))))
        .isGreaterThan(Shutdown.PATIENCE);
  }

  @Test
  void theStoreIsWhereTheExamplesHaveIt() throws IOException {
    assertThat(value("ExecStart")).startsWith(PROGRAM + " -c /etc/taskbroker/");
    assertThat(value("StateDirectory")).isEqualTo("taskbroker");
  }

  @Test
  void whatThisSystemdKnowsIsAllThatIsSaid() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(TOOL), "there is no systemd here");
    Path program = Files.writeString(folder.resolve("taskbroker"), "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path unit = folder.resolve("taskbroker.service");
    Files.writeString(unit, Files.readString(UNIT).replace(PROGRAM, program.toString()));

    Process verify =
        new ProcessBuilder(TOOL.toString(), "verify", "--man=no", unit.toString())
            .redirectErrorStream(true)
            .start();

    String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said.lines().filter(line -> line.contains(unit.getFileName().toString()))).isEmpty();
    assertThat(verify.waitFor()).isZero();
  }

  private static String value(String key) throws IOException {
    List<String> values =
        Files.readAllLines(UNIT).stream()
            .filter(line -> line.startsWith(key + "="))
            .map(line -> line.substring(key.length() + 1))
            .toList();
    assertThat(values).as(key).hasSize(1);
    return values.getFirst();
  }
}
