package io.taskbroker.settings;

import io.taskbroker.settings.reading.ConfigReader;
import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.Node;
import io.taskbroker.settings.reading.Nodes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.UnknownKeys;
import io.taskbroker.settings.reading.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is read from a text and some variables. */
record Reading(Values values, Findings findings, Configuration configuration) {
  static Reading of(String yaml, String... variables) {
    Node.Mapping written =
        Nodes.ofYaml(yaml)
            .overriddenBy(Settings.CATALOGUE.environment().read(environment(variables)));
    var findings = new Findings();
    Values values = new ConfigReader(Settings.CATALOGUE, written, findings).read();
    UnknownKeys.report(Settings.CATALOGUE, written, findings);
    new KafkaNormaliser(values, findings).normalise();
    return new Reading(values, findings, load(yaml, variables));
  }

  static Configuration load(String yaml, String... variables) {
    Path file = write(yaml);
    try {
      return Configuration.load(file, Path.of(""), environment(variables));
    } finally {
      delete(file);
    }
  }

  /**
   * @param variables each as {@code NAME=value}
   */
  static Map<String, String> environment(String... variables) {
    Map<String, String> environment = new HashMap<>();
    for (String variable : variables) {
      int equals = variable.indexOf('=');
      environment.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    return environment;
  }

  /** The value at a path as it would be written, null if it is unset. */
  @Nullable Object at(String path) {
    return Settings.CATALOGUE
        .all()
        .filter(setting -> setting.path().equals(path))
        .map(setting -> printed(setting, values))
        .flatMap(Stream::ofNullable)
        .findFirst()
        .orElse(null);
  }

  static <T> @Nullable Object printed(Setting<T> setting, Values values) {
    return values.find(setting).map(value -> setting.type().printer().apply(value)).orElse(null);
  }

  private static Path write(String text) {
    try {
      return Files.writeString(Files.createTempFile("configuration", ".yml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
