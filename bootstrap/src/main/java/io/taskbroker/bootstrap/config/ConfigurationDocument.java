package io.taskbroker.bootstrap.config;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes {@code docs/configuration.md} from the declared settings. */
final class ConfigurationDocument {
  private static final String INTRODUCTION =
      """
      # Configuration

      Made from the settings that the program declares; edit those, and write this page anew with
      `java -cp bootstrap/target/taskbroker.jar io.taskbroker.bootstrap.config.ConfigurationDocument > docs/configuration.md`.

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

      Configurations of getsentry/taskbroker may have these keys. They are read and checked, and change nothing. Keys below
      `store.pg` and `store.retry`, and `store.contention_drain_age_sec`, belong to a kind of store that this version does not
      have: `store.adapter: postgres` is refused at the start.

      """;

  private static final String FORMER =
      """
      ## Former names

      Still understood. Where both are written, the newer name wins.

      | former name | is now |
      | --- | --- |
      """;

  private ConfigurationDocument() {}

  public static void main(String[] args) {
    var utf8 = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    utf8.print(text());
    utf8.flush();
  }

  static String text() {
    var text = new StringBuilder(INTRODUCTION);
    text.append(TOPICS_AND_CLUSTERS);
    for (SettingMap map : Settings.MAPS) {
      table(text, map.path() + ".<name>.", map.keys());
    }
    for (Settings.Section section : Settings.SECTIONS) {
      text.append("## ").append(section.title()).append("\n\n");
      table(text, "", section.keys().stream().filter(setting -> !setting.isIdle()).toList());
    }
    text.append(WITHOUT_EFFECT);
    Settings.current().filter(ConfigurationDocument::isIdleHere).forEach(s -> appendIdle(text, s));
    text.append('\n');
    text.append(LEGACY);
    table(text, "", Settings.LEGACY);
    text.append(FORMER);
    Settings.current()
        .filter(setting -> !StoreKeys.OF_ANOTHER_STORE.contains(setting))
        .forEach(setting -> appendFormer(text, setting));
    return text.toString();
  }

  /** Those of another kind of store are answered in one sentence. */
  private static boolean isIdleHere(Setting<?> setting) {
    return setting.isIdle() && !StoreKeys.OF_ANOTHER_STORE.contains(setting);
  }

  private static void appendIdle(StringBuilder text, Setting<?> setting) {
    text.append("- `%s`: %s\n".formatted(setting, setting.meaning()));
  }

  private static void table(StringBuilder text, String prefix, List<Setting<?>> settings) {
    text.append("| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
    settings.forEach(setting -> appendRow(text, prefix, setting));
    text.append('\n');
  }

  private static <T> void appendRow(StringBuilder text, String prefix, Setting<T> setting) {
    String demands =
        setting.rules().stream()
            .map(rule -> "; must " + rule.demand())
            .collect(Collectors.joining());
    text.append(
        "| `%s%s` | %s%s | %s | %s%s |\n"
            .formatted(
                prefix,
                setting,
                withoutArticle(setting.type().name()),
                demands,
                absent(setting),
                setting.meaning(),
                setting.isSecret() ? " Never logged." : ""));
  }

  private static String withoutArticle(String type) {
    return type.startsWith("a ") ? type.substring(2) : type;
  }

  private static <T> String absent(Setting<T> setting) {
    T fallback = setting.fallback();
    if (fallback != null) {
      return "`" + shown(setting.type().printer().apply(fallback)) + "`";
    }
    return switch (setting.absence()) {
      case IS_AN_ERROR -> "required";
      case MEANS_UNSET, MEANS_DEFAULT -> "unset";
    };
  }

  private static String shown(Object printed) {
    return switch (printed) {
      case Map<?, ?> entries ->
          entries.entrySet().stream()
              .map(entry -> entry.getKey() + ": \"" + entry.getValue() + "\"")
              .collect(Collectors.joining(", ", "{", "}"));
      default -> printed.toString();
    };
  }

  private static <T> void appendFormer(StringBuilder text, Setting<T> setting) {
    setting
        .former()
        .ifPresent(
            former ->
                text.append(
                    "| `%s`%s | `%s` |\n"
                        .formatted(
                            former.path(),
                            former.type().equals(setting.type())
                                ? ""
                                : ", " + withoutArticle(former.type().name()),
                            setting)));
  }
}
