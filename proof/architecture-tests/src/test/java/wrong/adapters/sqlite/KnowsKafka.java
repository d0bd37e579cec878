package wrong.adapters.sqlite;

import org.apache.kafka.common.TopicPartition;

/** A journal that speaks of partitions as Kafka does. */
final class KnowsKafka {
  TopicPartition partition() {
    return new TopicPartition("wrong", 0);
  }
}
