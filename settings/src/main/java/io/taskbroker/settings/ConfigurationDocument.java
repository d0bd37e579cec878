package io.taskbroker.settings;

import io.taskbroker.settings.reading.Catalogue;
import io.taskbroker.settings.reading.KeyTables;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.SettingMap;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes {@code docs/configuration.md} from the declared settings. */
final class ConfigurationDocument {
  private static final String INTRODUCTION =
      """
      # Configuration

      Made from the settings that the program declares; edit those, and write this page anew with
      `java -cp bootstrap/target/taskbroker.jar io.taskbroker.settings.ConfigurationDocument > docs/configuration.md`.

      The broker runs without any configuration, on `127.0.0.1:9092`. What differs is written into a YAML file, or into
      environment variables, or both:

          taskbroker -c broker.yml

      - **Precedence**: defaults, then the file, then the environment. Mappings are merged key by key; lists and single values
        are replaced whole.
      - **The file** is YAML 1.2: only `true` and `false` are booleans, and a number with leading zeros is a text. Nothing is
        converted: write `"12345"` where a text is meant. A relative path is looked for in the working directory and in those
        above it. Anchors and merge keys (`<<: *name`) are understood.
      - **The environment**: `TASKBROKER_` and the key in upper case, with `__` for each `.`, for example
        `TASKBROKER_STORE__MAX_PENDING_COUNT=15000`. Values may be `true`, `5`, `2.5`, `[a, b]`, `{key=value}`, or a text; in
        double quotes everything is a text, so a password of digits is written `TASKBROKER_KAFKA_CLUSTERS__MAIN__SASL_PASSWORD='"12345"'`.
      - **Durations** are whole numbers with a unit, `250ms` or `5s`. Keys that end in `_ms` or `_sec` are plain numbers.
      - `taskbroker check-config -c broker.yml` shows every value and where it was written. If something is wrong it shows that
        instead, with file and line, and exits with 1. Unknown keys only warn.

      """;

  private static final String TOPICS_AND_CLUSTERS =
      """
      ## Topics and clusters

      Each topic names its cluster. Topics without `produce_only` are consumed, each by a consumer of its own.

          kafka_clusters:
            main: {address: "kafka-1:9092,kafka-2:9092"}
          kafka_topics:
            taskworker: {cluster: main, consumer_group: taskworker}
            taskworker-dlq: {cluster: main, consumer_group: taskworker, produce_only: true}
          kafka_deadletter_topic: taskworker-dlq

      """;

  private static final String LEGACY =
      """
      ## The older way to describe Kafka

      One consumed topic, and where its failures go. None of these keys may be there together with `kafka_topics` or
      `kafka_clusters`; if neither they nor those are there, the broker consumes `taskworker` at `127.0.0.1:9092`.

      """;

  private static final String WITHOUT_EFFECT =
      """
      ## Accepted, without effect

      Configurations of getsentry/taskbroker may have these keys. They are read and checked, and change nothing.

      """;

  private static final String FORMER =
      """
      ## Former names

      Still understood. Where both are written, the newer name wins.

      """;

  private ConfigurationDocument() {}

  public static void main(String[] args) {
    var utf8 = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    utf8.print(text());
    utf8.flush();
  }

  static String text() {
    Catalogue all = Settings.CATALOGUE;
    var text = new StringBuilder(INTRODUCTION);
    text.append(TOPICS_AND_CLUSTERS);
    for (SettingMap map : all.maps()) {
      text.append(KeyTables.keys(map.path() + ".<name>.", map.keys())).append('\n');
    }
    for (Catalogue.Section section : all.sections()) {
      List<Setting<?>> keys = section.keys().stream().filter(key -> !key.isIdle()).toList();
      text.append("## ").append(section.title()).append("\n\n");
      text.append(KeyTables.keys("", keys)).append('\n');
    }
    text.append(WITHOUT_EFFECT);
    text.append(KeyTables.idle(all.current().filter(Setting::isIdle).toList())).append('\n');
    text.append(LEGACY);
    text.append(KeyTables.keys("", all.legacy())).append('\n');
    text.append(FORMER);
    text.append(KeyTables.formerNames(all.current().toList()));
    return text.toString();
  }
}
