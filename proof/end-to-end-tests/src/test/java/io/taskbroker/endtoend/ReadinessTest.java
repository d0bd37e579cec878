package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RunningKafka.class)
class ReadinessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port = FreePorts.any();

  @TempDir Path folder;

  @Test
  void whileTheOnlyTopicDoesNotExist_itIsServing_andNotReady(Kafka kafka) {
    BrokerSetup settings =
        BrokerSetup.of(folder, kafka.address(), "readiness")
            .with("http_addr", "127.0.0.1")
            .with("http_port", port);
    try (Topics topics = Topics.at(kafka.address());
        var _ = BrokerProcess.start(settings)) {
      topics.create(settings.deadLetterTopic(), 1);
      Waiting.until(
          "it names the topic",
          PATIENCE,
          () -> readiness().startsWith("503 topic 'readiness' does not exist"));

      topics.create("readiness", 1);

      Waiting.until("it is ready", PATIENCE, () -> readiness().equals("200 ok"));
    }
    assertThat(folder.resolve("inflight.sqlite")).exists();
  }

  private String readiness() {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).build();
    try {
      var answer = client.send(request, BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body().strip();
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
