package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a real run sends, compared with the table in the documents. */
@ExtendWith(RunningKafka.class)
class MetricsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final TaskKind QUICK = TaskKind.quick("quick");
  private static final Pattern LINE =
      Pattern.compile("taskbroker\\.([^:|]+):[^|]+\\|([cgh])(?:\\|@[0-9.]+)?\\|#(.*)");
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`]+)` \\| ([cgh]) \\| ([^|]+) \\| ([a-z]+) \\| .+ \\|");

  @TempDir Path folder;

  @Test
  void aRunSendsTheMetricsOfTheTable(Kafka kafka) throws Exception {
    Set<String> heard;
    try (var metrics = HeardMetrics.start()) {
      run(kafka, metrics.address());
      heard =
          metrics.lines().stream()
              .map(MetricsTest::signature)
              .collect(Collectors.toCollection(TreeSet::new));
    }

    assertThat(heard).isSubsetOf(table(Set.of("never"), false));
    assertThat(heard).containsAll(table(Set.of("pull", "stop"), true));
  }

  private void run(Kafka kafka, String agent) {
    var settings =
        Map.<String, Object>of(
            "statsd_addr",
            agent,
            "default_metrics_tags",
            Map.of("region", "eu"),
            "upkeep_task_interval_ms",
            200);
    try (Rig rig = Rig.of(folder, kafka.address(), "metrics", settings);
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(4, 1), QUICK)) {
      for (int i = 0; i < 300; i++) {
        rig.producer().produce(QUICK);
      }
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      rig.awaitNothingLeft(view, PATIENCE);
      assertThat(broker.stop(ProcessSignal.TERM).code()).isZero(); // the last second is sent, too
    }
  }

  /** Name, type and the names of the tags, of which the operator's own is everywhere. */
  private static String signature(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return "not a line: " + line;
    }
    Set<String> tags =
        Stream.of(matcher.group(3).split(",", -1))
            .map(tag -> tag.substring(0, tag.indexOf(':')))
            .collect(Collectors.toCollection(TreeSet::new));
    return tags.remove("region")
        ? matcher.group(1) + " " + matcher.group(2) + " " + tags
        : "without the operator's tags: " + line;
  }

  private static Set<String> table(Set<String> when, boolean only) throws IOException {
    Set<String> rows = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("../../docs/metrics.md"))) {
      Matcher matcher = ROW.matcher(line);
      if (matcher.matches() && when.contains(matcher.group(4)) == only) {
        String tags = matcher.group(3).equals("–") ? "" : matcher.group(3);
        Set<String> names =
            Stream.of(tags.split(", ", -1))
                .filter(tag -> !tag.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        rows.add(matcher.group(1) + " " + matcher.group(2) + " " + names);
      }
    }
    return rows;
  }
}
