package io.taskbroker.bootstrap.operator;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which tasks are meant, by what they have in common. */
final class Selection {
  @Option(names = "--application", paramLabel = "NAME", description = "Of this application.")
  private @Nullable String application;

  @Option(names = "--namespace", paramLabel = "NAME", description = "Of this namespace.")
  private @Nullable String namespace;

  @Option(names = "--task", paramLabel = "NAME", description = "Of this name.")
  private @Nullable String task;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      converter = StateConverter.class,
      description = StateConverter.WORDS + ".")
  private @Nullable String state;

  @Option(names = "--id-part", paramLabel = "TEXT", description = "Whose id contains this.")
  private @Nullable String idPart;

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      converter = SpanConverter.class,
      description = "Produced at least so long ago, such as 90s, 10m, 2h or 1d.")
  private @Nullable Duration age;

  /** As the API wants it. */
  Map<String, Object> filter() {
    Map<String, Object> filter = new LinkedHashMap<>();
    put(filter, "application", application);
    put(filter, "namespace", namespace);
    put(filter, "task", task);
    put(filter, "state", state);
    put(filter, "id_part", idPart);
    put(filter, "older_than_seconds", age == null ? null : age.toSeconds());
    return filter;
  }

  private static void put(Map<String, Object> filter, String name, @Nullable Object value) {
    if (value != null) {
      filter.put(name, value);
    }
  }
}
