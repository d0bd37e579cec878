package io.taskbroker.benchmarks.command;

import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.LineFollower;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A benchmark in a process of its own, as if it were started alone. */
final class OwnProcess {
  private static final Duration LONGEST = Duration.ofHours(3);

  private OwnProcess() {}

  /**
   * Runs it to its end.
   *
   * @param output takes what it says
   * @param listener told each line as it is said
   */
  static Outcome run(Entry entry, Path output, Consumer<String> listener) {
    List<String> lines = new ArrayList<>();
    int exit;
    try (var process = ChildProcess.start(command(entry), output);
        var _ =
            LineFollower.start(
                output,
                line -> {
                  listener.accept(line);
                  lines.add(line);
                })) {
      exit = process.awaitExit(LONGEST);
    }
    return Outcome.of(entry.toString(), exit, lines);
  }

  /** A JVM like this one. */
  private static List<String> command(Entry entry) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Bench.class.getName()));
    command.addAll(entry.words());
    return command;
  }
}
