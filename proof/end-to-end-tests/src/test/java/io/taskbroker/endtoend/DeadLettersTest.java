package io.taskbroker.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters that are sent again while their broker is stopped, and killed. */
@ExtendWith(RunningKafka.class)
class DeadLettersTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TOPIC = "letters";
  private static final int LETTERS = 3_000;

  /** Slow enough to be stopped and killed in the middle. */
  private static final int SLOW = 100;

  private static final Pattern HANDLED = Pattern.compile("\"handled\":(\\d+)");

  private final int port = FreePorts.any();
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir Path folder;

  @Test
  void deadLetters_areSentAgainOnce_overAStop_andASigkill(Kafka kafka) {
    BrokerSetup settings =
        BrokerSetup.of(folder, kafka.address(), TOPIC)
            .with("kafka_auto_offset_reset", "earliest")
            .with("admin.port", port)
            .with("admin.without_token", "operator");
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(TOPIC, 1);
      topics.create(settings.deadLetterTopic(), 2);
    }
    produce(kafka, settings.deadLetterTopic());
    try (BrokerProcess broker = BrokerProcess.start(settings)) {
      order("requeue", requeue(SLOW));
      awaitHandled(20);
      stop();
      order("resume", "{}");
      awaitHandled(60);
      broker.kill();
    }
    try (BrokerProcess _ = BrokerProcess.start(settings)) {
      Waiting.until(
          "it runs or was stopped, as its end was not written down",
          PATIENCE,
          () -> Set.of("running", "stopped").contains(status()));
      order("resume", "{}");
      stop();
      order("requeue", requeue(100_000));
      awaitRun("all are handled", () -> status().equals("done"));
      Waiting.until("none is open", PATIENCE, () -> get("/groups").contains("\"open\":0,"));
    }

    List<ConsumerRecord<byte[], byte[]>> sent = read(kafka);
    assertThat(sent).hasSize(LETTERS);
    assertThat(sent.stream().map(DeadLettersTest::idOf).distinct()).hasSize(LETTERS);
  }

  private static String requeue(int rate) {
    return "{\"filter\": {}, \"rate\": %d, \"dry_run\": false}".formatted(rate);
  }

  /**
   * A run fails where Kafka is silent for ten seconds, as it is on a machine that stands still.
   * Whoever wants it to end goes on with it.
   */
  private void awaitRun(String what, BooleanSupplier isSo) {
    Waiting.until(
        what,
        PATIENCE,
        () -> {
          if (status().equals("failed")) {
            order("resume", "{}");
          }
          return isSo.getAsBoolean();
        });
  }

  /** Stops it until it says that it was stopped. */
  private void stop() {
    awaitRun(
        "the run is stopped",
        () -> {
          if (status().equals("running")) {
            assertThat(tell("stop", "{}").statusCode()).isIn(200, 409); // it may have failed
          }
          return status().equals("stopped");
        });
  }

  private void awaitHandled(long least) {
    awaitRun(
        least + " are handled",
        () -> {
          Matcher handled = HANDLED.matcher(get("/run"));
          return handled.find() && Long.parseLong(handled.group(1)) >= least;
        });
  }

  /** How the run stands; nothing while Kafka is too slow to say. */
  private String status() {
    Matcher status = Pattern.compile("\"status\":\"(\\w+)\"").matcher(get("/run"));
    return status.find() ? status.group(1) : "";
  }

  private String get(String path) {
    return send(request(path).GET().build()).body();
  }

  private void order(String name, String body) {
    HttpResponse<String> answer = tell(name, body);
    assertThat(answer.statusCode()).as("%s: %s", name, answer.body()).isEqualTo(200);
  }

  private HttpResponse<String> tell(String name, String body) {
    return send(
        request("/" + name)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:%d/api/v1/dead-letters%s".formatted(port, path)));
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException("the broker does not answer " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static void produce(Kafka kafka, String deadLetters) {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", kafka.address()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < LETTERS; i++) {
        byte[] task =
            TaskActivation.newBuilder()
                .setId("id-" + i)
                .setApplication("shop")
                .setNamespace("mail")
                .setTaskname("send")
                .setProcessingDeadlineDuration(30)
                .build()
                .toByteArray();
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(deadLetters, i % 2, null, task);
        record.headers().add("taskbroker-reason", "it failed".getBytes(UTF_8));
        record.headers().add("taskbroker-source-topic", TOPIC.getBytes(UTF_8));
        var _ = producer.send(record);
      }
    }
  }

  /** As workers' brokers read it: without what a killed producer has left behind. */
  private static List<ConsumerRecord<byte[], byte[]>> read(Kafka kafka) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer =
            new KafkaConsumer<>(
                Map.<String, Object>of(
                    "bootstrap.servers", kafka.address(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        Topics topics = Topics.at(kafka.address())) {
      List<TopicPartition> all = topics.partitions(TOPIC);
      consumer.assign(all);
      consumer.seekToBeginning(all);
      long end = topics.size(TOPIC);
      Waiting.until(
          "all is read",
          PATIENCE,
          () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return all.stream().mapToLong(consumer::position).sum() >= end;
          });
    }
    return records;
  }

  private static String idOf(ConsumerRecord<byte[], byte[]> record) {
    try {
      return TaskActivation.parseFrom(record.value()).getId();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("no task was sent", e);
    }
  }
}
