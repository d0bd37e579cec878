package io.taskbroker.fuzzing;

import io.taskbroker.adapters.grpc.WorkerAddress;
import io.taskbroker.adapters.kafka.KafkaClusterSettings;
import io.taskbroker.adapters.kafka.KafkaSecuritySettings;
import io.taskbroker.adapters.sqlite.SqlitePath;
import io.taskbroker.settings.Configuration;
import io.taskbroker.settings.LogFilter;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** One text that is taken for an address, a DSN, a path or a filter. */
final class AddressTarget implements Target {
  static final String NAME = "address";

  private static final Path HERE = Path.of("");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "addresses of workers, of Kafka and of StatsD, DSNs, paths of stores, filters of logs";
  }

  @Override
  public List<byte[]> seeds() {
    return List.of(
            "http://worker:50052",
            "https://[::1%eth0]:443/",
            "kafka-1:9092, [fe80::1]:9,PLAINTEXT://c",
            "sqlite:///data/a%20b.sqlite?mode=rwc&mode=rw",
            "https://key@sentry.example.org/path/42",
            "info,taskbroker::store=debug,kafka=off",
            "127.0.0.1:8126")
        .stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public void give(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    refusedWithWords(() -> WorkerAddress.of(text));
    refusedWithWords(() -> SqlitePath.parse(text));
    refusedWithWords(() -> new KafkaClusterSettings("a", text, KafkaSecuritySettings.NONE));
    refusedWithWords(() -> LogFilter.parse(text).levelOf("taskbroker::store"));
    for (String key : List.of("SENTRY_DSN", "STATSD_ADDR", "GRPC_ADDR", "KAFKA_CLUSTER")) {
      configured(Map.of("TASKBROKER_" + key, text));
    }
  }

  private static void configured(Map<String, String> variables) {
    try {
      Configuration read = Configuration.load(null, HERE, variables);
      read.problems().forEach(problem -> Finding.unlessWords(problem, "a problem"));
      Finding.unlessWords(read.redacted(), "a configuration");
    } catch (InvalidConfigException e) {
      Finding.unless(!e.problems().isEmpty(), "refused without a problem");
      e.problems().forEach(problem -> Finding.unlessWords(problem, "a problem"));
    }
  }

  private static void refusedWithWords(Supplier<?> reading) {
    try {
      String read = reading.get().toString(); // of a host that is called null, "null"
      Finding.unless(!read.isBlank(), "what was read has no words");
    } catch (IllegalArgumentException e) {
      Finding.unlessWords(e.getMessage(), "a refusal");
      Finding.unless(
          e.getClass() == IllegalArgumentException.class, "refused by something below: " + e);
    }
  }
}
