package io.taskbroker.proving.program;

import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a command of the packaged program ended.
 *
 * @param words of both of its streams, and of whatever wrote into the same file before
 */
public record Said(int exit, String words) {
  private static final String HEAP = "128m";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /**
   * Runs it, and waits for its end.
   *
   * @param wrapper a program that becomes the command which follows its own words; empty for none
   * @param output takes what it says
   */
  public static Said by(List<String> wrapper, Path output, String... words) {
    List<String> arguments = new ArrayList<>(List.of("-jar", BrokerProcess.jar().toString()));
    arguments.addAll(List.of(words));
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(ChildProcess.java(HEAP, arguments));
    try (var process = ChildProcess.start(command, output)) {
      int exit = process.awaitExit(PATIENCE);
      return new Said(exit, process.output());
    }
  }
}
