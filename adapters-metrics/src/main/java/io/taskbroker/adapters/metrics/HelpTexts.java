package io.taskbroker.adapters.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What each metric means, in the words of {@code docs/metrics.md}; {@code help.tsv} has them. */
final class HelpTexts {
  private final Map<String, String> byName;

  private HelpTexts(Map<String, String> byName) {
    this.byName = byName;
  }

  /** As they are packed in our jar. */
  static HelpTexts load() {
    try (InputStream file = HelpTexts.class.getResourceAsStream("help.tsv")) {
      byte[] text = Objects.requireNonNull(file, "help.tsv").readAllBytes();
      return new HelpTexts(
          new String(text, StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.split("\t", 2))
              .collect(Collectors.toUnmodifiableMap(row -> row[0], row -> row[1])));
    } catch (IOException e) {
      throw new UncheckedIOException("help.tsv of the jar cannot be read", e);
    }
  }

  /**
   * @param metric as DogStatsD has it, without its prefix
   * @return null for one that the document does not have
   */
  @Nullable String of(String metric) {
    return byName.get(metric);
  }
}
