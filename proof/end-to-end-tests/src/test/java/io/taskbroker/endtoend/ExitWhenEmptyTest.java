package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.load.TaskFetch;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The packaged broker is drained before a deploy. */
@ExtendWith(RunningKafka.class)
class ExitWhenEmptyTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TOPIC = "drained";

  private final HttpClient client = HttpClient.newHttpClient();
  private final int admin = FreePorts.any();
  private final int probes = FreePorts.any();

  @TempDir Path folder;

  @Test
  void itServesWhatItHas_overARestart_endsInOrder_andTheNextOneTakesTasksIn(Kafka kafka) {
    BrokerSetup settings =
        BrokerSetup.of(folder, kafka.address(), TOPIC)
            .with("kafka_auto_offset_reset", "earliest")
            .with("http_addr", "127.0.0.1")
            .with("http_port", probes)
            .with("admin.port", admin)
            .with("admin.without_token", "operator");
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(TOPIC, 2);
      topics.create(settings.deadLetterTopic(), 1);
    }
    try (RawTopic topic = new RawTopic(kafka.address(), TOPIC);
        TaskFetch worker = TaskFetch.at(settings.grpcAddress())) {
      try (BrokerProcess broker = BrokerProcess.start(settings)) {
        topic.send(task("first"));
        awaitReadiness("200 ok");
        Waiting.until(
            "the task is stored", PATIENCE, () -> get("/api/v1/status").contains("\"pending\":1"));
        assertThat(order("/api/v1/drain", "{\"exit_when_empty\": true, \"reason\": \"a deploy\"}"))
            .startsWith("200");
        broker.awaitLine(PATIENCE, "Draining, as local has ordered");
        awaitReadiness("200 draining: 1 waits for a worker");
        assertThat(broker.stop(ProcessSignal.TERM).code()).isZero();
      }
      topic.send(task("second"));
      try (BrokerProcess broker = BrokerProcess.start(settings)) {
        awaitReadiness("200 draining: 1 waits for a worker");
        TaskActivation first = worker.await(GetTaskRequest.getDefaultInstance(), PATIENCE);
        assertThat(first.getId()).isEqualTo("first");
        awaitReadiness("200 draining: 1 is with a worker");

        worker.complete("first");

        assertThat(broker.process().awaitExit(PATIENCE)).as(broker.process().output()).isZero();
        assertThat(broker.lastLine()).contains("Stopped: the broker was drained, and is empty");
      }
      try (BrokerProcess _ = BrokerProcess.start(settings)) {
        TaskActivation second = worker.await(GetTaskRequest.getDefaultInstance(), PATIENCE);
        assertThat(second.getId()).isEqualTo("second");
        assertThat(get("/api/v1/drain")).isEqualTo("200 {}");
      }
    }
  }

  private static byte[] task(String id) {
    return TaskActivation.newBuilder()
        .setId(id)
        .setApplication("shop")
        .setNamespace("mail")
        .setTaskname("send")
        .setProcessingDeadlineDuration(600)
        .build()
        .toByteArray();
  }

  private void awaitReadiness(String answer) {
    Waiting.until(
        "readiness is " + answer,
        PATIENCE,
        () -> call(request(probes, "/readyz").build()).equals(answer));
  }

  private String get(String path) {
    return call(request(admin, path).build());
  }

  private String order(String path, String body) {
    return call(
        request(admin, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  private static HttpRequest.Builder request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private String call(HttpRequest request) {
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
