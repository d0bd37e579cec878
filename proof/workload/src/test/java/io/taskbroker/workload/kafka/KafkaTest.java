package io.taskbroker.workload.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaTest {
  @TempDir Path folder;

  @Test
  void startsInThisProcess_takesTopics_andStops() {
    try (Kafka kafka = EmbeddedKafka.start(NodeSettings.in(folder.resolve("kafka")));
        Topics topics = Topics.at(kafka.address())) {
      topics.create("some", 3);
      topics.create("some", 3);

      assertThat(topics.partitions("some")).hasSize(3);
      assertThat(topics.size("some")).isZero();
    }
  }

  @Test
  void startsAsAProcess_andFindsItsTopicsAgain() {
    NodeSettings settings = NodeSettings.in(folder.resolve("kafka"));
    try (Kafka kafka = KafkaProcess.start(settings);
        Topics topics = Topics.at(kafka.address())) {
      topics.create("kept", 2);
    }
    try (Kafka kafka = KafkaProcess.start(settings);
        Topics topics = Topics.at(kafka.address())) {
      assertThat(topics.partitions("kept")).hasSize(2);
    }
  }
}
