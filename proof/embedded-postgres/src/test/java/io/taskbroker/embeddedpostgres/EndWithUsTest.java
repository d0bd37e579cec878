package io.taskbroker.embeddedpostgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndWithUsTest {
  private static final String SERVER = "server ";

  @Test
  void aServerEndsWithItsProcess_alsoIfThatIsKilled(@TempDir Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                folder.resolve("data").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    ProcessHandle server = ProcessHandle.of(numberOfServer(process)).orElseThrow();

    process.destroyForcibly();

    assertThat(server.onExit().get(1, TimeUnit.MINUTES)).isEqualTo(server);
  }

  private static long numberOfServer(Process process) throws IOException {
    try (BufferedReader said = process.inputReader()) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.startsWith(SERVER)) {
          return Long.parseLong(line.substring(SERVER.length()));
        }
      }
    }
    throw new AssertionError("the process has ended before its server ran");
  }

  /** Holds a server until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] folder) throws IOException {
      PostgresServer server = PostgresServer.startIn(Path.of(folder[0]));
      System.out.println(SERVER + server.process().pid());
      int _ = System.in.read();
    }
  }
}
