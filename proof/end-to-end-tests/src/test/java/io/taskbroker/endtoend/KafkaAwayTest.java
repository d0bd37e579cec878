package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The one of the ten stalls that takes a real Kafka: it goes away while the broker reads. The
 * others are brought about in {@code TenStallsTest}.
 */
class KafkaAwayTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String READING = "reading of topic 'away'";

  private final int port = FreePorts.any();
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir Path folder;

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void aKafkaThatGoesAway_isNamedInTheLog_byWhy_andOnThePageAboutKafka_untilItIsBack() {
    NodeSettings node = NodeSettings.in(folder.resolve("kafka"));
    BrokerSetup settings =
        BrokerSetup.of(folder.resolve("broker"), "127.0.0.1:" + node.port(), "away")
            .with("kafka_auto_offset_reset", "earliest")
            .with("admin.port", port);
    KafkaProcess kafka = KafkaProcess.start(node);
    createTopics(settings);
    try (var _ = kafka;
        var _ = BrokerProcess.start(settings)) {
      Waiting.until("its partition is read", PATIENCE, () -> get("kafka").contains("\"read\":0"));
      Waiting.until("nothing is wrong", PATIENCE, () -> !get("why").contains(READING));

      kafka.close();

      Waiting.until("it is named", PATIENCE, () -> get("why").contains(READING));

      assertThat(get("why"))
          .contains("Kafka at 127.0.0.1:" + node.port() + " does not answer")
          .contains("\"remedy\":\"Check that it runs");
      Waiting.until(
          "the page about Kafka says so",
          PATIENCE,
          () -> get("kafka").contains("\"trouble\":\"Kafka at 127.0.0.1:"));
      assertThat(get("status")).contains(READING);
      assertThat(log(settings)).contains(READING + " is stalled: Kafka at 127.0.0.1:");

      try (var _ = KafkaProcess.start(node)) {
        Waiting.until("it goes on", PATIENCE, () -> !get("why").contains(READING));
        Waiting.until(
            "the log says so, too",
            PATIENCE,
            () -> log(settings).contains(READING + " goes on after"));
      }
    }
  }

  private static void createTopics(BrokerSetup settings) {
    try (Topics topics = Topics.at(settings.kafka())) {
      topics.create(settings.topic(), 1);
      topics.create(settings.deadLetterTopic(), 1);
    }
  }

  private static String log(BrokerSetup settings) {
    try {
      return Files.readString(settings.log());
    } catch (IOException e) {
      throw new AssertionError("no log", e);
    }
  }

  private String get(String what) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/api/v1/%s".formatted(port, what)));
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new AssertionError(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(what, e);
    }
  }
}
