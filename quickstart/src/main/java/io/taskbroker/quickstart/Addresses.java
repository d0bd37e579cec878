package io.taskbroker.quickstart;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Where a development server listens, as it writes it into its folder for those who are called
 * after it.
 *
 * @param kafka host and port
 * @param topic that the broker reads
 * @param broker host and port, for workers
 * @param dashboard a URL without a path
 */
record Addresses(String kafka, String topic, String broker, String dashboard) {
  private static final String FILE = "dev.properties";

  /** Replaces what an earlier server has written. */
  void write(Path folder) {
    Properties lines = new Properties();
    lines.setProperty("kafka", kafka);
    lines.setProperty("topic", topic);
    lines.setProperty("broker", broker);
    lines.setProperty("dashboard", dashboard);
    try (Writer file = Files.newBufferedWriter(folder.resolve(FILE))) {
      lines.store(file, null);
    } catch (IOException e) {
      throw new IllegalStateException("cannot write into " + folder + ": " + e, e);
    }
  }

  /** Whoever comes now finds no server. */
  static void remove(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(FILE));
    } catch (IOException e) {
      throw new IllegalStateException("cannot delete in " + folder + ": " + e, e);
    }
  }

  /**
   * @throws IllegalStateException if no server has written them, with what to do
   */
  static Addresses read(Path folder) {
    Path path = folder.resolve(FILE);
    Properties lines = new Properties();
    try (Reader file = Files.newBufferedReader(path)) {
      lines.load(file);
    } catch (NoSuchFileException _) {
      throw new IllegalStateException(
          "no development server runs in %s: start one with './taskbroker dev --quiet', or name its folder with --state"
              .formatted(folder));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException("cannot read %s: %s".formatted(path, e), e);
    }
    return new Addresses(
        value(lines, "kafka", path),
        value(lines, "topic", path),
        value(lines, "broker", path),
        value(lines, "dashboard", path));
  }

  private static String value(Properties lines, String name, Path path) {
    String value = lines.getProperty(name);
    if (value == null) {
      throw new IllegalStateException(
          "%s does not say '%s': start the server anew".formatted(path, name));
    }
    return value;
  }
}
