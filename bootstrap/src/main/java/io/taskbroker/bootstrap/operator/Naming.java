package io.taskbroker.bootstrap.operator;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a pause is about: what has all of the names that are given. */
final class Naming {
  @Option(names = "--application", paramLabel = "NAME", description = "Tasks of this application.")
  private @Nullable String application;

  @Option(names = "--namespace", paramLabel = "NAME", description = "Of this namespace.")
  private @Nullable String namespace;

  @Option(names = "--task", paramLabel = "NAME", description = "Of this name.")
  private @Nullable String task;

  @Option(names = "--topic", paramLabel = "NAME", description = "That came from this topic.")
  private @Nullable String topic;

  /** As the API wants it. */
  Map<String, Object> names() {
    Map<String, Object> names = new LinkedHashMap<>();
    put(names, "application", application);
    put(names, "namespace", namespace);
    put(names, "task", task);
    put(names, "topic", topic);
    return names;
  }

  private static void put(Map<String, Object> names, String name, @Nullable String value) {
    if (value != null) {
      names.put(name, value);
    }
  }
}
