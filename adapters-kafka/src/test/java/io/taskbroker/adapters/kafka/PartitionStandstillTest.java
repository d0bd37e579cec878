package io.taskbroker.adapters.kafka;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.KafkaProxy;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Partitions of which nothing comes, while all else of Kafka answers. */
@ExtendWith(SharedKafka.class)
class PartitionStandstillTest {
  private static final String SECOND = "Reading of partition 1 of topic 'two'";

  private final KafkaBench kafka;
  private final KafkaProxy proxy;
  @TempDir private Path folder;

  PartitionStandstillTest(KafkaBench kafka, KafkaProxy proxy) {
    this.kafka = kafka;
    this.proxy = proxy;
  }

  /** Partition 0 of topic two is on the first node, partition 1 on the second. */
  private static IntakeBench broker(KafkaBench bench) {
    bench.create("two", Map.of(0, List.of(1), 1, List.of(2)));
    bench.produce("two", 2, 1);
    IntakeBench broker = IntakeBench.start(bench.consumed("two"));
    broker.awaitRows(2);
    return broker;
  }

  @Test
  void aPartitionThatLosesItsLeader_isExplained_andSoIsItsEnd() {
    NodeSettings first = NodeSettings.in(folder.resolve("1"));
    NodeSettings second = NodeSettings.in(folder.resolve("2"));
    try (EmbeddedKafka _ = EmbeddedKafka.start(first);
        var bench = new KafkaBench(first.address())) {
      bench.createGroups();
      IntakeBench broker;
      try (EmbeddedKafka _ = EmbeddedKafka.join(first, second, Map.of())) {
        broker = broker(bench);
      }
      try (broker) {
        broker.awaitStall(SECOND, "it has no leader", "it is read up to offset 1 since ");
        bench.produce("two", 1, 5); // to the other partition, which goes on
        broker.awaitRows(7);
        Eventually.holds(
            "it alone stalls", () -> broker.stalledPartitions().equals(Set.of(SECOND)));
        try (EmbeddedKafka _ = EmbeddedKafka.join(first, second, Map.of())) {
          broker.awaitNoStalledPartition();
          bench.produce("two", 2, 1);
          broker.awaitRows(9);
        }
      }
    }
  }

  /** The group is new, so that of each partition it is to be found out where it begins. */
  @Test
  void aPartitionThatHasNoLeaderAtTheBeginning_isExplained_andReadOnceItHas() {
    NodeSettings first = NodeSettings.in(folder.resolve("1"));
    NodeSettings second = NodeSettings.in(folder.resolve("2"));
    try (EmbeddedKafka _ = EmbeddedKafka.start(first);
        var bench = new KafkaBench(first.address())) {
      bench.createGroups();
      try (EmbeddedKafka _ = EmbeddedKafka.join(first, second, Map.of())) {
        bench.create("two", Map.of(0, List.of(1), 1, List.of(2)));
        bench.produce("two", 2, 3);
      }
      try (IntakeBench broker = IntakeBench.start(bench.consumed("two"))) {
        broker.awaitRows(3);
        broker.awaitStall(SECOND, "it has no leader", "where reading begins is not known since ");
        bench.produce("two", 1, 5);
        broker.awaitRows(8);
        Eventually.holds(
            "the other one is committed", () -> bench.committed("two").equals(Map.of(0, 8L)));
        try (EmbeddedKafka _ = EmbeddedKafka.join(first, second, Map.of())) {
          broker.awaitRows(11);
          broker.awaitNoStalledPartition();
          Eventually.holds(
              "both are committed", () -> bench.committed("two").equals(Map.of(0, 8L, 1, 3L)));
        }
      }
    }
  }

  @Test
  void aLeaderThatCannotBeReachedAtTheBeginning_isNamed_andHoldsUpNoOtherPartition() {
    NodeSettings first = NodeSettings.in(folder.resolve("1"));
    NodeSettings second = NodeSettings.in(folder.resolve("2"));
    int advertised = FreePorts.any();
    Map<String, String> behind =
        Map.of("advertised.listeners", "PLAINTEXT://127.0.0.1:" + advertised);
    try (EmbeddedKafka _ = EmbeddedKafka.start(first);
        var bench = new KafkaBench(first.address())) {
      bench.createGroups();
      try (EmbeddedKafka _ = EmbeddedKafka.join(first, second, behind);
          KafkaProxy way = KafkaProxy.start(advertised, second.port())) {
        bench.create("two", Map.of(0, List.of(1), 1, List.of(2)));
        bench.produce("two", 2, 3);
        way.refuse();
        try (IntakeBench broker = IntakeBench.start(bench.consumed("two"))) {
          broker.awaitRows(3);
          broker.awaitStall(SECOND, "node 2 at 127.0.0.1:" + advertised, "does not answer");
          way.admit();
          broker.awaitRows(6);
          broker.awaitNoStalledPartition();
        }
      }
    }
  }

  @Test
  void aLeaderThatCannotBeReached_isNamed() {
    NodeSettings first = NodeSettings.in(folder.resolve("1"));
    NodeSettings second = NodeSettings.in(folder.resolve("2"));
    int advertised = FreePorts.any();
    Map<String, String> behind =
        Map.of("advertised.listeners", "PLAINTEXT://127.0.0.1:" + advertised);
    try (EmbeddedKafka _ = EmbeddedKafka.start(first);
        var bench = new KafkaBench(first.address())) {
      bench.createGroups();
      try (EmbeddedKafka _ = EmbeddedKafka.join(first, second, behind);
          KafkaProxy way = KafkaProxy.start(advertised, second.port());
          IntakeBench broker = broker(bench)) {
        way.refuse();
        broker.awaitStall(SECOND, "node 2 at 127.0.0.1:" + advertised, "does not answer");
        way.admit();
        broker.awaitNoStalledPartition();
      }
    }
  }

  @Test
  void aKafkaThatBringsNothing_isExplained_andSoIsItsEnd() {
    kafka.create("withheld", 1);
    KafkaTopicSettings topic = KafkaBench.consumed("withheld", KafkaBench.cluster(proxy.address()));
    kafka.produce("withheld", 1, 1);
    try (var broker = IntakeBench.start(topic)) {
      broker.awaitRows(1);
      proxy.bringNothing();
      kafka.produce("withheld", 1, 2);
      try {
        broker.awaitStall(
            "Reading of partition 0 of topic 'withheld'",
            "up to offset 3",
            "up to offset 1 since ");
      } finally {
        proxy.bring();
      }
      broker.awaitRows(3);
      broker.awaitNoStalledPartition();
    }
  }

  /**
   * Nothing more comes of any of these, and nothing is wrong. That a broker would have said so by
   * now if it were is known from another one, of which nothing comes since later.
   */
  @Test
  void partitionsThatAreReadToTheirEnd_areNoStandstill() {
    kafka.create("ends", 2); // the second one stays empty
    kafka.produceInTransaction("ends", 3, KafkaProducer::commitTransaction);
    kafka.produceInTransaction("ends", 3, KafkaProducer::abortTransaction);
    kafka.create("control", 1);
    kafka.produce("control", 1, 1);
    try (var ended = IntakeBench.start(kafka.consumed("ends"));
        var control =
            IntakeBench.start(
                KafkaBench.consumed("control", KafkaBench.cluster(proxy.address())))) {
      ended.awaitRows(3);
      control.awaitRows(1);
      proxy.bringNothing();
      try {
        kafka.produce("control", 1, 1);
        control.awaitStall("Reading of partition 0 of topic 'control'", "up to offset 2");
      } finally {
        proxy.bring();
      }
      ended.awaitNoStalledPartition(); // one of which Kafka was too slow to answer may have been
    }
  }
}
