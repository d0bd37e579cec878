package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.upkeep.OutboxEvent;
import io.taskbroker.domain.Lane;
import io.taskbroker.testkit.SettableTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{((?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n"
              + "]|\\\\[\\\\n"
              + "\"])*\",?)*)\\})? (\\S+)");

  private final Agent agent = new Agent();
  private final Metrics metrics =
      new Metrics(
          new MetricsSettings(agent.asSetting(), Map.of("region", "eu"), Duration.ofMillis(50)),
          new SettableTime());

  @AfterEach
  void close() {
    metrics.close();
    agent.close();
  }

  /** Strict, since a page that a scraper refuses shows nothing at all. */
  @Test
  void thePageIsWhatAScraperReads() {
    metrics
        .broker()
        .outbox()
        .count(new OutboxEvent.Published(Lane.RETRY, "t", 1, 1, Duration.ofMillis(2)));
    metrics.start();
    agent.await("upkeep.handle_retries");
    agent.await("runtime.num_alive_tasks");

    Map<String, Double> samples = parse(new String(metrics.page().text(), StandardCharsets.UTF_8));
    assertThat(samples)
        .containsEntry("taskbroker_outbox_published_total{lane=\"retry\",region=\"eu\"}", 1.0)
        .containsEntry("taskbroker_upkeep_handle_retries_count{region=\"eu\"}", 1.0)
        .containsEntry("taskbroker_upkeep_handle_retries_bucket{region=\"eu\",le=\"0.001\"}", 0.0)
        .containsEntry("taskbroker_upkeep_handle_retries_bucket{region=\"eu\",le=\"+Inf\"}", 1.0)
        .containsKey("taskbroker_runtime_num_alive_tasks{region=\"eu\"}");
    assertThat(new String(metrics.page().text(), StandardCharsets.UTF_8))
        .contains("# HELP taskbroker_outbox_published_total rows acknowledged by Kafka\n");
  }

  /** The text format, its rules on types and on repetition included. */
  private static Map<String, Double> parse(String page) {
    Map<String, Double> samples = new LinkedHashMap<>();
    Map<String, String> types = new LinkedHashMap<>();
    assertThat(page).endsWith("\n");
    assertThat(page.lines().filter(line -> line.startsWith("# HELP ")).count())
        .as("each metric has its text")
        .isEqualTo(page.lines().filter(line -> line.startsWith("# TYPE ")).count());
    for (String line : page.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ", -1);
        assertThat(words).hasSize(4);
        assertThat(words[3]).isIn("counter", "gauge", "histogram");
        assertThat(types.put(words[2], words[3])).as("a second type of %s", words[2]).isNull();
      } else if (!line.startsWith("# HELP ")) {
        Matcher matcher = SAMPLE.matcher(line);
        assertThat(matcher.matches()).as("a sample: %s", line).isTrue();
        String labels = matcher.group(2) == null ? "" : "{" + matcher.group(2) + "}";
        String family = matcher.group(1).replaceAll("_(bucket|sum|count)$", "");
        assertThat(types.containsKey(matcher.group(1)) || types.containsKey(family))
            .as("the type of %s", line)
            .isTrue();
        assertThat(samples.put(matcher.group(1) + labels, value(matcher.group(3))))
            .as("a second %s", line)
            .isNull();
      }
    }
    return samples;
  }

  private static double value(String text) {
    return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
  }
}
