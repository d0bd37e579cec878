package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.taskbroker.adapters.metrics.Agent.Line;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.application.rules.RulesEvent;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.Activation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Agent agent = new Agent();

  @AfterEach
  void close() {
    agent.close();
  }

  private Metrics metrics(String host, Map<String, String> everywhere) {
    return new Metrics(
        new MetricsSettings(
            Optional.of(new MetricsSettings.Agent(host, agent.port())),
            everywhere,
            Duration.ofHours(1)),
        new SettableTime());
  }

  private List<Line> heard(String name) {
    return agent.hear().stream().filter(line -> line.name().equals(name)).toList();
  }

  @Test
  void countsAreSummedSoThatTotalsStayRight() {
    try (Metrics metrics = metrics("127.0.0.1", Map.of())) {
      metrics.start();
      for (int i = 0; i < 100_000; i++) {
        metrics.broker().rules().count(new RulesEvent.Killed(1, Duration.ZERO));
      }
    }

    List<Line> lines = heard("upkeep.killswitched_tasks");
    assertThat(lines).hasSizeLessThan(10);
    assertThat(lines.stream().mapToLong(line -> Long.parseLong(line.value())).sum())
        .isEqualTo(100_000);
  }

  /** A line's rate says how many values it stands for, so that agents count all of them. */
  @Test
  void aHistogramsLinesStandForAllValues() {
    try (Metrics metrics = metrics("127.0.0.1", Map.of())) {
      metrics.start();
      for (int i = 0; i < 30_000; i++) {
        long nanos = i % 3 == 0 ? 1_000_000 : 40_000;
        metrics.broker().store().count(new StoreEvent.Committed(Duration.ofNanos(nanos)));
      }
    }

    List<Line> lines = heard("store.commit.duration");
    assertThat(lines).hasSizeLessThan(30);
    double values = lines.stream().mapToDouble(line -> 1 / line.rate()).sum();
    double sum =
        lines.stream().mapToDouble(line -> Double.parseDouble(line.value()) / line.rate()).sum();
    assertThat(values).isCloseTo(30_000, within(300.0));
    assertThat(sum).isCloseTo(10_000 * 0.001 + 20_000 * 0.00004, within(0.3));
  }

  @Test
  void everyLineHasTheTagsOfTheOperator() {
    try (Metrics metrics = metrics("localhost", Map.of("region", "eu|1", "tier", "a,b"))) {
      metrics.start();
    }

    assertThat(agent.hear())
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.tags()).contains("region:eu_1", "tier:a_b"));
  }

  /** What producers write into tasks decides on tags, and must not fill the memory. */
  @Test
  void furtherTasksShareOneSeries() {
    try (Metrics metrics = metrics("127.0.0.1", Map.of())) {
      for (int i = 0; i < 5_000; i++) {
        Activation task = Activations.pending("a").taskname("task" + i).build();
        metrics.broker().intake().apply("t").count(new IntakeEvent.Demoted(task));
      }
      metrics.start();
    }

    List<Line> lines = heard("filter.forward_task_demoted_namespace");
    assertThat(lines).hasSizeLessThanOrEqualTo(2_001);
    assertThat(lines.stream().mapToLong(line -> Long.parseLong(line.value())).sum())
        .isEqualTo(5_000);
    assertThat(lines).anyMatch(line -> line.tags().contains("taskname:other"));
  }

  @Test
  void anAgentThatIsNowhereHurtsNobody() {
    Metrics metrics =
        new Metrics(
            new MetricsSettings(
                Optional.of(new MetricsSettings.Agent("no-such-host.invalid", 8126)),
                Map.of(),
                Duration.ofHours(1)),
            new SettableTime());

    metrics.start();
    metrics.broker().store().count(new StoreEvent.Grouped(3));
    metrics.close();

    assertThat(agent.hear()).isEmpty();
  }
}
