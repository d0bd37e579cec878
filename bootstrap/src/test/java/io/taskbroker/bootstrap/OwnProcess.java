package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own with the classes of this test, and what it says. */
final class OwnProcess implements AutoCloseable {
  private final Process process;
  private final Path out;
  private final Path err;

  private OwnProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * @param folder where it runs, and where its output goes
   * @param options of the JVM
   */
  static OwnProcess start(Path folder, Class<?> main, List<String> options, String... words)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path")));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(words));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("NO_COLOR", "1");
    return new OwnProcess(builder.start(), out, err);
  }

  void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The exit status of a process that ends; fails if it has not after a minute. */
  int status() throws IOException, InterruptedException {
    assertThat(process.waitFor(1, TimeUnit.MINUTES))
        .as("ended; it said: %s", standardError())
        .isTrue();
    return process.exitValue();
  }

  void awaitError(String text) throws IOException, InterruptedException {
    await(err, text);
  }

  void awaitOutput(String text) throws IOException, InterruptedException {
    await(out, text);
  }

  /** There is nothing to wait on but the files of another process. */
  private void await(Path file, String text) throws IOException, InterruptedException {
    while (!Files.readString(file).contains(text)) {
      assertThat(process.isAlive()).as("alive; it said: %s", standardError()).isTrue();
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  String standardOutput() throws IOException {
    return Files.readString(out);
  }

  String standardError() throws IOException {
    return Files.readString(err);
  }

  String lastLine() throws IOException {
    return standardError().lines().reduce((_, line) -> line).orElse("");
  }

  /** Ends it, and waits until it writes no more into the folder. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
