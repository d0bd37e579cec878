package io.taskbroker.proving.hostile;

import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Starts brokers that cannot start: each has to end with 1, and say why and what to do. */
final class FailingStarts {
  private static final Duration START = Duration.ofMinutes(2);
  private static final String HEAP = "256m";

  private final Stage stage;
  private final Verdict verdict;

  FailingStarts(Stage stage, Verdict verdict) {
    this.stage = stage;
    this.verdict = verdict;
  }

  /**
   * @param words that its output has to have, all of them
   */
  void of(String what, BrokerSetup settings, List<String> words) {
    emptyLog(settings.log());
    try (BrokerProcess broker = BrokerProcess.launch(settings, HEAP)) {
      judge(what, broker.process(), words);
    }
  }

  /**
   * @param environment as {@code NAME=value}
   */
  void of(String what, BrokerSetup settings, List<String> environment, List<String> words) {
    emptyLog(settings.log());
    List<String> wrapper = new ArrayList<>(List.of("env"));
    wrapper.addAll(environment);
    try (BrokerProcess broker = BrokerProcess.launchBy(wrapper, settings)) {
      judge(what, broker.process(), words);
    }
  }

  /** With a file of settings of the caller's making. */
  void of(String what, Path file, List<String> words) {
    Path log = stage.folder().resolve(what.replaceAll("\\W", "-") + ".log");
    emptyLog(log);
    List<String> command =
        ChildProcess.java(
            HEAP, List.of("-jar", BrokerProcess.jar().toString(), "-c", file.toString()));
    try (ChildProcess broker = ChildProcess.start(command, log)) {
      judge(what, broker, words);
    }
  }

  private void judge(String what, ChildProcess broker, List<String> words) {
    int code = broker.awaitExit(START);
    String output = broker.output();
    long most = output.lines().mapToLong(line -> count(words, line)).max().orElse(0);
    stage.say(
        what
            + ": exit "
            + code
            + output
                .lines()
                .filter(line -> count(words, line) == most)
                .collect(Collectors.joining("\n      ", "\n      ", "")));
    boolean good = code == 1 && words.stream().allMatch(output::contains);
    verdict.expect(what.replace(' ', '_'), 1, good ? 1 : 0);
  }

  private static long count(List<String> words, String line) {
    return words.stream().filter(line::contains).count();
  }

  private static void emptyLog(Path log) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + log, e);
    }
  }
}
