package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kafka's disk has damaged what it keeps of one partition. */
class DamagedTopicTest {
  private static final int EACH = 10;

  /** A byte of a batch's own offset that makes it one far behind the end. */
  private static final int OFFSET = 6;

  /** Where a batch says how long it is, behind its offset. */
  private static final int LENGTH = 8;

  /** Where it says in which format it is, behind the leader's term. */
  private static final int FORMAT = 8 + 4 + 4;

  @TempDir private Path folder;

  /**
   * The last byte, or one of the head that Kafka's client cannot make sense of, or that Kafka
   * cannot itself, or that makes Kafka believe that nothing comes there.
   *
   * @param at the damaged byte, counted from the beginning of the last batch, or back from its end
   * @param change bits that become others
   */
  @ParameterizedTest
  @CsvSource({
    "-1, 0x55",
    FORMAT + ", 0x55",
    FORMAT + ", 0xaa",
    LENGTH + ", 0xaa",
    LENGTH + ", 0x40",
    OFFSET + ", 0x01"
  })
  void aRecordThatIsDamaged_stopsItsPartitionAlone_untilItIsMended(int at, String change)
      throws Exception {
    String topic = "damaged";
    int bits = Integer.decode(change);
    NodeSettings node = NodeSettings.in(folder);
    try (EmbeddedKafka _ = EmbeddedKafka.start(node);
        var bench = new KafkaBench(node.address());
        var log = new CapturedLog("taskbroker::kafka::consumer")) {
      bench.create(topic, 2);
      bench.produce(topic, 2, EACH);
      long whole = length(topic);
      produce(bench, topic, 0);
      long place = at < 0 ? length(topic) + at : whole + at;
      flip(topic, place, bits);
      try (var broker =
          IntakeBench.start(KafkaBench.consumed(topic, KafkaBench.cluster(node.address())))) {
        broker.awaitRows(2 * EACH);
        Eventually.holds(
            "it is explained", () -> broker.stall().contains("damaged record at offset " + EACH));

        for (int i = 1; i <= 5; i++) {
          produce(bench, topic, 1);
          broker.awaitRows(2 * EACH + i);
        }
        assertThat(log.lines())
            .filteredOn(line -> line.contains("has given this broker"))
            .hasSize(1);

        flip(topic, place, bits);
        broker.awaitRows(2 * EACH + 6);
        Eventually.holds("it goes on", () -> broker.stall().isEmpty());
        Eventually.holds(
            "all is committed",
            () -> bench.committed(topic).equals(Map.of(0, EACH + 1L, 1, EACH + 5L)));
        assertThat(broker.crashes).isEmpty();
      }
    }
  }

  private static void produce(KafkaBench bench, String topic, int partition) {
    bench.produce(
        new ProducerRecord<>(topic, partition, null, "one".getBytes(StandardCharsets.UTF_8)));
  }

  private RandomAccessFile open(String topic) throws IOException {
    return new RandomAccessFile(
        folder.resolve(topic + "-0").resolve("00000000000000000000.log").toFile(), "rw");
  }

  private long length(String topic) throws IOException {
    try (RandomAccessFile file = open(topic)) {
      return file.length();
    }
  }

  private void flip(String topic, long place, int bits) throws IOException {
    try (RandomAccessFile file = open(topic)) {
      file.seek(place);
      int was = file.read();
      file.seek(place);
      file.write(was ^ bits);
    }
  }
}
