package io.taskbroker.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.load.TaskFetch;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RunningKafka.class)
class RawTopicTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TOPIC = "raw-events";
  private static final String RETRIES = "raw-events-tasks";
  private static final byte[] VALUE = "hello world".repeat(100).getBytes(UTF_8);
  private static final String SERVICE = "path:/sentry_protos.taskbroker.v1.ConsumerService/";

  @TempDir Path folder;

  @Test
  void aRecord_comesAsTheArgumentOfTheConfiguredTask_andIsCounted(Kafka kafka) {
    try (var metrics = HeardMetrics.start()) {
      BrokerSetup settings = settings(kafka, metrics.address());
      TaskActivation task;
      try (BrokerProcess broker = BrokerProcess.start(settings);
          RawTopic topic = new RawTopic(kafka.address(), TOPIC);
          TaskFetch fetch = TaskFetch.at(settings.grpcAddress())) {
        topic.send(VALUE);
        task = fetch.await(GetTaskRequest.newBuilder().setApplication("shop").build(), PATIENCE);
        fetch.complete(task.getId());
        assertThat(broker.stop(ProcessSignal.TERM).code()).isZero(); // the last second is sent, too
      }

      assertThat(task)
          .returns("shop", TaskActivation::getApplication)
          .returns("events", TaskActivation::getNamespace)
          .returns("take", TaskActivation::getTaskname)
          .returns(7L, TaskActivation::getProcessingDeadlineDuration);
      assertThat(task.getHeadersMap()).containsEntry("compression-type", "zstd");
      assertThat(metrics.values("consumer.raw.payload_size_bytes", "topic:" + TOPIC))
          .singleElement()
          .satisfies(bytes -> assertThat(bytes).isCloseTo(VALUE.length, withinPercentage(7)));
      assertThat(metrics.values("consumer.raw.compressed_payload_size_bytes", "taskname:take"))
          .singleElement()
          .satisfies(
              bytes ->
                  assertThat(bytes)
                      .isCloseTo(task.getParametersBytes().size(), withinPercentage(7)));
      assertThat(metrics.values("consumer.message.payload_size_bytes")).isEmpty();
      assertThat(metrics.sum("grpc.request", SERVICE + "SetTaskStatus")).isEqualTo(1);
      assertThat(metrics.sum("grpc.request", SERVICE + "GetTask")).isPositive();
      assertThat(metrics.sum("grpc.request", "path:/grpc.health.v1.Health/Check")).isPositive();
      assertThat(metrics.values("grpc.request.duration", SERVICE + "GetTask")).isNotEmpty();
    }
  }

  private BrokerSetup settings(Kafka kafka, String agent) {
    String raw = "kafka_topics." + TOPIC + ".raw.";
    BrokerSetup settings =
        BrokerSetup.of(folder, kafka.address(), TOPIC)
            .with("kafka_auto_offset_reset", "earliest")
            .with("statsd_addr", agent)
            .with("worker_map.shop", "http://127.0.0.1:1")
            .with("kafka_retry_topic", RETRIES)
            .with("kafka_topics." + RETRIES + ".cluster", "default")
            .with("kafka_topics." + RETRIES + ".consumer_group", RETRIES)
            .with("kafka_topics." + RETRIES + ".produce_only", true)
            .with(raw + "application", "shop")
            .with(raw + "namespace", "events")
            .with(raw + "taskname", "take")
            .with(raw + "processing_deadline_duration", 7);
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(TOPIC, 1);
      topics.create(RETRIES, 1);
      topics.create(settings.deadLetterTopic(), 1);
    }
    return settings;
  }
}
