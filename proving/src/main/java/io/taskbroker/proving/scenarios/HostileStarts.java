package io.taskbroker.proving.scenarios;

import io.taskbroker.proving.process.BrokerProcess;
import io.taskbroker.proving.process.BrokerSettings;
import io.taskbroker.proving.process.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Starts that cannot succeed: each ends with 1, says why and what to do, and touches no file. */
final class HostileStarts {
  private static final Duration START = Duration.ofSeconds(30);

  private final Stage stage;
  private final BrokerSettings running;

  /**
   * @param running of a broker that is up
   */
  HostileStarts(Stage stage, BrokerSettings running) {
    this.stage = stage;
    this.running = running;
  }

  void play(Verdict verdict) {
    fails(
        verdict,
        "yaml with three mistakes",
        fresh("mistakes")
            .with("store.max_pending_count", "many")
            .with("log_format", "xml")
            .with("kafka_auto_offset_reset", "yesterday"),
        List.of("store.max_pending_count", "log_format", "kafka_auto_offset_reset"));
    fails(
        verdict,
        "occupied port",
        fresh("port").at(running.grpcPort()),
        List.of("cannot listen on", Integer.toString(running.grpcPort())));
    fails(
        verdict,
        "second broker on the same file",
        fresh("second").with("store.sqlite.path", running.store().toAbsolutePath().toString()),
        List.of(running.store().getFileName().toString()));
    damagedFiles(verdict);
  }

  private void damagedFiles(Verdict verdict) {
    BrokerSettings corrupt = fresh("corrupt");
    write(
        corrupt.store(),
        "this was a database once".repeat(1_000).getBytes(StandardCharsets.US_ASCII));
    untouched(verdict, "corrupt store file", corrupt, "is no SQLite database");

    BrokerSettings foreign = fresh("foreign");
    execute(foreign.store(), "CREATE TABLE photos (id INTEGER PRIMARY KEY, name TEXT)");
    untouched(verdict, "foreign store file", foreign, "another program");

    BrokerSettings newer = fresh("newer");
    try (BrokerProcess once = BrokerProcess.start(newer)) {
      once.stop(Signal.TERM);
    }
    execute(newer.store(), "PRAGMA user_version = 9999");
    untouched(verdict, "newer store file", newer, "newer broker");
  }

  private void untouched(Verdict verdict, String what, BrokerSettings settings, String words) {
    byte[] before = read(settings.store());
    fails(verdict, what, settings, List.of(words, settings.store().getFileName().toString()));
    if (!Arrays.equals(before, read(settings.store()))) {
      verdict.expect(what.replace(' ', '_') + "_touched", 0, 1);
    }
  }

  private void fails(Verdict verdict, String what, BrokerSettings settings, List<String> words) {
    try {
      Files.createDirectories(settings.folder());
      Files.deleteIfExists(settings.log());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + settings.folder(), e);
    }
    try (BrokerProcess broker = BrokerProcess.launch(settings)) {
      int code = broker.process().awaitExit(START);
      String output = broker.process().output();
      stage.say(
          what
              + ": exit "
              + code
              + output
                  .lines()
                  .filter(line -> words.stream().anyMatch(line::contains))
                  .collect(Collectors.joining("\n      ", "\n      ", "")));
      boolean good = code == 1 && words.stream().allMatch(output::contains);
      verdict.expect(what.replace(' ', '_'), 1, good ? 1 : 0);
    }
  }

  private BrokerSettings fresh(String name) {
    Path folder = stage.folder().resolve(name);
    BrokerSettings settings = BrokerSettings.of(folder, running.kafka(), running.topic() + "-none");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder, e);
    }
    return settings;
  }

  private static void execute(Path file, String sql) {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot prepare " + file, e);
    }
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
