package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.kafka.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstRecordTest {
  private static final TopicPartition FIRST_TASKS = new TopicPartition("tasks", 0);

  @Test
  void theFirstTaskComesFromTheSecondProducer_andNothingElseIsLeft(@TempDir Path folder)
      throws Exception {
    try (var kafka = EmbeddedKafka.start(NodeSettings.in(folder));
        var admin =
            Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.address()))) {
      FirstRecord.send(kafka.address());

      createTopic(kafka.address());
      sendTask(kafka.address());
      assertThat(producers(admin)).singleElement().returns(1L, ProducerState::producerId);
      assertThat(admin.listTopics().names().get()).containsExactly(FIRST_TASKS.topic());
    }
  }

  private static void createTopic(String kafka) {
    try (Topics topics = Topics.at(kafka)) {
      topics.create(FIRST_TASKS.topic(), 1);
    }
  }

  private static void sendTask(String kafka) throws Exception {
    Map<String, Object> properties = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
    try (var producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      var record = new ProducerRecord<byte[], byte[]>(FIRST_TASKS.topic(), new byte[1]);
      assertThat(producer.send(record).get().offset()).isZero();
    }
  }

  private static List<ProducerState> producers(Admin admin) throws Exception {
    return admin
        .describeProducers(List.of(FIRST_TASKS))
        .partitionResult(FIRST_TASKS)
        .get()
        .activeProducers();
  }
}
