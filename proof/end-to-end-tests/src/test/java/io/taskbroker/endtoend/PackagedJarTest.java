package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ChildProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in {@code taskbroker.jar}, and how it is called. */
class PackagedJarTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path LAUNCHER = Path.of("../../taskbroker");

  @TempDir Path folder;

  @Test
  void itCarriesItsLicence_andThoseOfOthers() throws IOException {
    assertThat(entry("META-INF/LICENSE")).contains("Apache License", "Version 2.0, January 2004");
    assertThat(entry("META-INF/THIRD-PARTY.txt"))
        .contains("org.xerial:sqlite-jdbc:", "org.apache.kafka:kafka-clients:", "io.grpc:grpc-")
        .doesNotContain("Unknown license", "io.taskbroker:", "org.junit");
  }

  @Test
  void itCarriesTheListOfItsComponents() throws IOException {
    assertThat(entry("META-INF/sbom/components.cdx.json"))
        .contains("\"bomFormat\" : \"CycloneDX\"")
        .contains(
            "pkg:maven/org.xerial/sqlite-jdbc@",
            "pkg:maven/io.grpc/grpc-netty-shaded@",
            "pkg:maven/ch.qos.logback/")
        .doesNotContain("org.junit");
  }

  /** The command of the reference's image, behind our entry point. */
  @Test
  void aFirstWordThatIsTheProgramOfTheReferenceIsPassedOver() throws IOException {
    Path config = Files.writeString(folder.resolve("c.yml"), "grpc_port: nonsense\n");
    try (ChildProcess broker = jar(List.of("/opt/taskbroker", "-c", config.toString()))) {
      assertThat(broker.awaitExit(PATIENCE)).isOne();
      assertThat(broker.output()).contains("grpc_port (c.yml:1)");
    }
  }

  @Test
  void aFolderThatIsMissingIsNamed_withWhatToDo() throws IOException {
    Path missing = folder.resolve("missing");
    Path config =
        Files.writeString(
            folder.resolve("c.yml"),
            "grpc_port: 0\nstore: {sqlite: {path: '" + missing.resolve("x.sqlite") + "'}}\n");
    try (ChildProcess broker = jar(List.of("-c", config.toString()))) {
      assertThat(broker.awaitExit(PATIENCE)).isOne();
      assertThat(broker.output().lines().toList().getLast())
          .contains("The folder " + missing + " does not exist", "install -d", "store.sqlite.path");
    }
  }

  /** What the launcher lists of the broker's own commands is what the broker lists itself. */
  @ParameterizedTest
  @ValueSource(strings = {"check-config", "backup", "export", "parked"})
  void itsCommandsAreThoseOfTheLauncher(String command) throws IOException {
    assertThat(Files.readString(LAUNCHER)).contains("\n  " + command + " ");
    try (ChildProcess broker = jar(List.of("--help"))) {
      assertThat(broker.awaitExit(PATIENCE)).isZero();
      assertThat(broker.output()).contains("  " + command + " ");
    }
  }

  private ChildProcess jar(List<String> words) {
    List<String> arguments = new ArrayList<>(List.of("-jar", BrokerProcess.jar().toString()));
    arguments.addAll(words);
    return ChildProcess.start(ChildProcess.java("200m", arguments), folder.resolve("output"));
  }

  private static String entry(String name) throws IOException {
    try (var jar = new JarFile(BrokerProcess.jar().toFile())) {
      assertThat(jar.getEntry(name)).as(name).isNotNull();
      return new String(
          jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
