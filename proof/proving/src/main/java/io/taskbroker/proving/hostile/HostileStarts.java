package io.taskbroker.proving.hostile;

import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.BrokerSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Settings that nobody can start with. */
final class HostileStarts {
  private static final byte[] NO_TEXT = {'a', ':', ' ', -1, -2};

  private final Stage stage;
  private final BrokerSetup running;
  private final FailingStarts starts;

  /**
   * @param running of a broker that is up
   */
  HostileStarts(Stage stage, BrokerSetup running, Verdict verdict) {
    this.stage = stage;
    this.running = running;
    this.starts = new FailingStarts(stage, verdict);
  }

  void play() {
    starts.of(
        "yaml with three mistakes",
        fresh("mistakes")
            .with("store.max_pending_count", "many")
            .with("log_format", "xml")
            .with("kafka_auto_offset_reset", "yesterday"),
        List.of("store.max_pending_count", "log_format", "kafka_auto_offset_reset"));
    starts.of(
        "environment with four mistakes",
        fresh("environment"),
        List.of(
            "TASKBROKER_STORE__MAX_PENDING_COUNT=many",
            "TASKBROKER_GRPC_PORT=99999999999999999999",
            "TASKBROKER_LOG_FORMAT=\u001b[31mred",
            "TASKBROKER_KAFKA_TOPICS=[[[["),
        List.of(
            "TASKBROKER_STORE__MAX_PENDING_COUNT",
            "TASKBROKER_GRPC_PORT",
            "TASKBROKER_LOG_FORMAT",
            "TASKBROKER_KAFKA_TOPICS"));
    files();
    starts.of(
        "occupied port",
        fresh("port").at(running.grpcPort()),
        List.of("cannot listen on", Integer.toString(running.grpcPort())));
    starts.of(
        "second broker on the same file",
        fresh("second").with("store.sqlite.path", running.store().toAbsolutePath().toString()),
        List.of(running.store().getFileName().toString(), "is held by process"));
  }

  private void files() {
    starts.of("settings that are not there", named("no.yml"), List.of("no.yml: no such file"));
    starts.of(
        "folder in place of the settings", folder("folder.yml"), List.of("folder.yml: cannot be"));
    starts.of(
        "settings that are no text",
        written("bytes.yml", NO_TEXT),
        List.of("bytes.yml: is not UTF-8 text"));
    starts.of("settings without end", Path.of("/dev/zero"), List.of("/dev/zero: is larger than"));
    starts.of(
        "settings that are no mapping",
        written("list.yml", "- a\n- b\n"),
        List.of("list.yml: is a list where settings"));
    starts.of(
        "one key twice",
        written("twice.yml", "grpc_port: 1\ngrpc_port: 2\n"),
        List.of("twice.yml:2: the key 'grpc_port' is there twice"));
    starts.of(
        "aliases of aliases",
        written("bomb.yml", bomb()),
        List.of("bomb.yml:", "more than 100000 values"));
  }

  /** Nine lines that stand for hundreds of millions of values. */
  private static String bomb() {
    StringBuilder yaml = new StringBuilder("l0: &l0 [" + "x, ".repeat(50_000) + "x]\n");
    for (int level = 1; level <= 8; level++) {
      yaml.append("l%1$d: &l%1$d [*l%2$d, *l%2$d, *l%2$d]\n".formatted(level, level - 1));
    }
    return yaml.toString();
  }

  private BrokerSetup fresh(String name) {
    return BrokerSetup.of(stage.folder().resolve(name), running.kafka(), running.topic() + "-none");
  }

  private Path named(String name) {
    return stage.folder().resolve(name).toAbsolutePath();
  }

  private Path folder(String name) {
    try {
      return Files.createDirectories(named(name));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + name, e);
    }
  }

  private Path written(String name, String text) {
    return written(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path written(String name, byte[] bytes) {
    try {
      return Files.write(named(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + name, e);
    }
  }
}
