package io.taskbroker.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @TempDir Path folder;

  @Test
  void theNameOfTheProgramInOtherImagesIsNoArgument() {
    assertThat(Main.withoutProgram(List.of("/opt/taskbroker", "-c", "f")))
        .containsExactly("-c", "f");
    assertThat(Main.withoutProgram(List.of("-c", "/opt/taskbroker")))
        .containsExactly("-c", "/opt/taskbroker");
    assertThat(Main.withoutProgram(List.of())).isEmpty();
  }

  @Test
  void variablesAreReadAsUtf8() {
    assertThat(Variables.parse("A=Zürich\0B=x=y\0C=\0junk\0".getBytes(UTF_8)))
        .containsEntry("A", "Zürich")
        .containsEntry("B", "x=y")
        .containsEntry("C", "")
        .hasSize(3);
    assertThat(Variables.parse(new byte[] {'A', '=', (byte) 0xFC, 0}).get("A")).isEqualTo("\uFFFD");
  }

  @Test
  void withoutALocale_valuesOfTheEnvironmentKeepTheirLetters() throws Exception {
    Path config = Files.writeString(folder.resolve("c.yml"), "kafka_topic: taskworker\n");
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "check-config",
            "-c",
            config.toString());
    builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    builder.environment().put("LC_ALL", "POSIX");
    builder.environment().remove("TASKBROKER_X");
    Path command = folder.resolve("command");
    Files.writeString(
        command,
        "TASKBROKER_DEFAULT_METRICS_TAGS='{team=Zürich}' exec \"$@\" > "
            + folder.resolve("out")
            + "\n",
        UTF_8);
    builder.command().addAll(0, List.of("sh", command.toString()));

    assertThat(builder.inheritIO().start().waitFor()).isZero();
    assertThat(Files.readString(folder.resolve("out"))).contains("team: Zürich");
  }
}
