package io.taskbroker.workload.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code ./taskbroker assemble} makes.
 *
 * @param folder absolute
 */
public record AssembledProgram(Path folder) {
  private static final Duration TOOL = Duration.ofMinutes(1);

  /** Makes it, as the image is made. */
  public static AssembledProgram assemble(Path folder, Path log) {
    Path launcher = BrokerProcess.jar().resolve("../../../taskbroker").normalize();
    try (var process =
        ChildProcess.start(List.of(launcher.toString(), "assemble", folder.toString()), log)) {
      int status = process.awaitExit(Duration.ofMinutes(5));
      if (status != 0) {
        throw new IllegalStateException("assemble ended with " + status + "; see " + log);
      }
    }
    return new AssembledProgram(folder);
  }

  /** By which the JVM starts faster; need not be there. */
  public Path cache() {
    return folder.resolve("taskbroker.aot");
  }

  public Path jar() {
    return folder.resolve("taskbroker.jar");
  }

  /**
   * Returns at once.
   *
   * @param javaOptions further ones of its JVM, separated by blanks
   */
  public BrokerProcess launch(BrokerSetup settings, String javaOptions) {
    return BrokerProcess.launchProgram(settings, command(javaOptions));
  }

  /** Runs it to its end, and returns its exit status. */
  public int run(Path log, String javaOptions, String... words) {
    List<String> command = new ArrayList<>(command(javaOptions));
    command.addAll(List.of(words));
    try (var process = ChildProcess.start(command, log)) {
      return process.awaitExit(TOOL);
    }
  }

  /** Whether the broker that serves HTTP at this port says that it is alive, by its exit status. */
  public int askWhetherAlive(Path log, int port) {
    List<String> command =
        inItsOwnEnvironment("TASKBROKER_HTTP_PORT=" + port, folder.resolve("bin/livez").toString());
    try (var process = ChildProcess.start(command, log)) {
      return process.awaitExit(TOOL);
    }
  }

  private List<String> command(String javaOptions) {
    return inItsOwnEnvironment(
        "JAVA_OPTS=" + javaOptions, folder.resolve("bin/taskbroker").toString());
  }

  /** Where no Java of this machine can help. */
  private static List<String> inItsOwnEnvironment(String variable, String program) {
    return List.of("env", "-i", "PATH=/usr/bin:/bin", variable, program);
  }
}
