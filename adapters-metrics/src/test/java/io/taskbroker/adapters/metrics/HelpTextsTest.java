package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class HelpTextsTest {
  private static final Path FILE =
      Path.of("src/main/resources/io/taskbroker/adapters/metrics/help.tsv");
  private static final Path FRESH = Path.of("target/help.tsv");

  @Test
  void theTextsAreThoseOfTheDocument() throws IOException {
    String wanted =
        MetricsTable.rows().stream()
            .filter(row -> !row.when().equals("never"))
            .map(row -> row.name() + "\t" + said(row.meaning()) + "\n")
            .sorted()
            .collect(Collectors.joining());
    Files.createDirectories(FRESH.toAbsolutePath().getParent());
    Files.writeString(FRESH, wanted);

    assertThat(Files.readString(FILE))
        .as("docs/metrics.md has changed: cp adapters-metrics/%s adapters-metrics/%s", FRESH, FILE)
        .isEqualTo(wanted);
  }

  /** For people who look at one metric, without the marks of the document. */
  private static String said(String meaning) {
    String plain = meaning.replace("`", "");
    return plain.startsWith("ours: ") ? plain.substring("ours: ".length()) : plain;
  }
}
