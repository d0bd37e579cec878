package io.taskbroker.settings;

import io.taskbroker.settings.reading.ConfigReader;
import io.taskbroker.settings.reading.ConfigText;
import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.InvalidConfigException;
import io.taskbroker.settings.reading.Node;
import io.taskbroker.settings.reading.UnknownKeys;
import io.taskbroker.settings.reading.Values;
import io.taskbroker.settings.reading.YamlFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration as it was read: from defaults, a file and the environment, the later ones winning
 * key by key.
 */
public final class Configuration {
  private final Values values;
  private final Findings findings;
  private final @Nullable BrokerConfig settings;

  private Configuration(Values values, Findings findings, @Nullable BrokerConfig settings) {
    this.values = values;
    this.findings = findings;
    this.settings = settings;
  }

  /**
   * Reads everything, and notes what is wrong rather than stopping at it.
   *
   * @param file null for none
   * @param folder where a relative {@code file} is looked for, and in those above it
   * @throws InvalidConfigException if the file is missing or is no YAML mapping
   */
  public static Configuration load(
      @Nullable Path file, Path folder, Map<String, String> environment) {
    Node.Mapping fromFile =
        file == null ? Node.Mapping.EMPTY : YamlFile.read(YamlFile.find(file, folder));
    return of(
        fromFile.overriddenBy(Settings.CATALOGUE.environment().read(environment)), environment);
  }

  private static Configuration of(Node.Mapping written, Map<String, String> environment) {
    var findings = new Findings();
    Values values = new ConfigReader(Settings.CATALOGUE, written, findings).read();
    UnknownKeys.report(Settings.CATALOGUE, written, findings);
    new KafkaNormaliser(values, findings).normalise();
    new KafkaRecords(values).checkClusters(findings);
    Advice.add(values, findings);
    return new Configuration(values, findings, build(values, environment, findings));
  }

  private static @Nullable BrokerConfig build(
      Values values, Map<String, String> environment, Findings findings) {
    if (!findings.problems().isEmpty()) {
      return null;
    }
    try {
      return new SettingsRecords(values).build(environment);
    } catch (IllegalArgumentException e) { // a settings record refused its values
      findings.problem(String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Everything that keeps the broker from starting with it. */
  public List<String> problems() {
    return findings.problems();
  }

  /** What somebody may have meant differently. */
  public List<String> warnings() {
    return findings.warnings();
  }

  /** What is right, but has a newer name. */
  public List<String> hints() {
    return findings.hints();
  }

  /** Keys that were written, each with where, and that change nothing in this version. */
  public List<String> withoutEffect() {
    return findings.idle();
  }

  /**
   * @throws InvalidConfigException if there are problems, with all of them
   */
  public BrokerConfig settings() {
    List<String> problems = problems();
    if (settings == null || !problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
    return settings;
  }

  /** How to log, be the rest right or wrong. */
  public LogSettings log() {
    return new SettingsRecords(values).log();
  }

  /** The effective configuration as YAML, without secrets. */
  public String redacted() {
    return new ConfigText(Settings.CATALOGUE, values).forLog();
  }

  /** Each value with its default and where it was written, without secrets. */
  public List<ConfigText.Line> lines() {
    return new ConfigText(Settings.CATALOGUE, values).lines();
  }

  /** The same as YAML, each value followed by where it was written. */
  public String redactedWithOrigins() {
    return new ConfigText(Settings.CATALOGUE, values).withOrigins();
  }
}
