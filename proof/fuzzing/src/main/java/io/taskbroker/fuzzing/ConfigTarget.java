package io.taskbroker.fuzzing;

import io.taskbroker.settings.Configuration;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A configuration of a file and variables. */
final class ConfigTarget implements Target {
  static final String NAME = "config";

  private final Path folder = Scratch.folder();
  private final Path file = folder.resolve("broker.yml");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "a configuration of YAML and environment variables: read, explained, shown";
  }

  /** The first piece is the file; those behind it are variables, a name and a value in turn. */
  @Override
  public List<byte[]> seeds() {
    String plain =
        """
        log_level: info
        grpc_port: 50051
        worker_map: {shop: "http://worker:50052", 'b': https://[::1]:1}
        kafka_clusters:
          default: {address: "127.0.0.1:9092"}
        kafka_topics:
          tasks: &t {cluster: default, consumer_group: g}
          more: {<<: *t, produce_only: true}
        store: {sqlite: {path: "sqlite:///tmp/a?mode=rwc"}, max_pending_count: 0x10}
        push: {timeout: 1s, tls: {ca: /nowhere}}
        raw: !!binary aGFsbG8=
        """;
    return List.of(
        joined(plain),
        joined("", "TASKBROKER_GRPC_PORT", "1", "TASKBROKER_WORKER_MAP", "{a=\"http://b\"}"),
        joined("kafka_topic: a\nkafka_cluster: b:9\n", "TASKBROKER_LOG_FILTER", "warn,a::b=debug"),
        joined("- a\n- b\n"));
  }

  private static byte[] joined(String... pieces) {
    byte[][] bytes = new byte[pieces.length][];
    for (int i = 0; i < pieces.length; i++) {
      bytes[i] = pieces[i].getBytes(StandardCharsets.UTF_8);
    }
    return Pieces.joined(0, bytes);
  }

  @Override
  public void give(byte[] input) {
    Pieces pieces = new Pieces(input);
    int _ = pieces.number();
    write(pieces.piece());
    Map<String, String> variables = new TreeMap<>();
    while (pieces.hasMore()) {
      variables.put(pieces.text(), pieces.text());
    }
    try {
      judge(Configuration.load(file, folder, variables));
    } catch (InvalidConfigException e) {
      Finding.unless(!e.problems().isEmpty(), "refused without a problem");
      e.problems().forEach(problem -> Finding.unlessWords(problem, "a problem"));
    }
  }

  private static void judge(Configuration read) {
    read.problems().forEach(problem -> Finding.unlessWords(problem, "a problem"));
    read.warnings().forEach(warning -> Finding.unlessWords(warning, "a warning"));
    read.hints().forEach(hint -> Finding.unlessWords(hint, "a hint"));
    read.withoutEffect().forEach(idle -> Finding.unlessWords(idle, "an idle key"));
    var _ = read.log();
    Finding.unlessWords(read.redacted(), "a configuration");
    Finding.unlessWords(read.redactedWithOrigins(), "a configuration");
    if (read.problems().isEmpty()) {
      var _ = read.settings();
    }
  }

  private void write(byte[] yaml) {
    try {
      Files.write(file, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  @Override
  public void close() {
    Scratch.delete(folder);
  }
}
