package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.workload.process.BrokerSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WelcomeTest {
  @Test
  void saysHowToLookIntoTheStore() {
    var broker = new BrokerSetup(Path.of("state"), "127.0.0.1:7", "jobs", 8, Map.of());

    assertThat(Welcome.text(Path.of("state"), broker))
        .contains("store     " + Path.of("state", "inflight.sqlite"));
    assertThat(Welcome.text(Path.of("state"), broker.with("store.pg.port", 5433)))
        .contains("store     Postgres: psql -h 127.0.0.1 -p 5433 -U postgres taskbroker");
  }

  @Test
  void hasTheFirstTaskInPython_withTheAddressesOfThisRun() throws IOException {
    var broker = new BrokerSetup(Path.of("state"), "127.0.0.1:7", "jobs", 8, Map.of());
    String first = "app = App(\"shop\", kafka=\"127.0.0.1:9092\", brokers=\"127.0.0.1:50051\")";
    List<String> expected =
        Files.readAllLines(Path.of("..", "examples", "python", "shop.py")).stream()
            .map(
                line ->
                    line.equals(first)
                        ? "app = App(\"shop\", kafka=\"127.0.0.1:7\", brokers=\"127.0.0.1:8\","
                            + " topic=\"jobs\")"
                        : line)
            .toList();

    List<String> shown =
        Welcome.text(Path.of("state"), broker).lines().map(String::stripTrailing).toList();

    assertThat(shown)
        .containsSubsequence(
            expected.stream().map(line -> line.isEmpty() ? "" : "  " + line).toList());
  }
}
