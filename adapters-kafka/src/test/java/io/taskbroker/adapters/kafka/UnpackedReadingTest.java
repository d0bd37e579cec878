package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.taskbroker.adapters.kafka.unpack.Reader;
import io.taskbroker.adapters.kafka.unpack.Withheld;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Partition;
import io.taskbroker.embeddedkafka.BatchWriter;
import io.taskbroker.embeddedkafka.BatchWriter.Content;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What reading takes of memory, whatever a producer has packed. */
@ExtendWith(SharedKafka.class)
class UnpackedReadingTest {
  private static final int MIB = 1024 * 1024;
  private static final int GIANT = 300 * MIB;
  private static final ReadLimits LIMITS = IntakeBench.LIMITS;

  /** Objects around the bytes, and the client's own work. */
  private static final int SLACK = 24 * MIB;

  private final KafkaBench kafka;
  private final BatchWriter batches;

  UnpackedReadingTest(KafkaBench kafka) {
    this.kafka = kafka;
    this.batches = new BatchWriter(kafka.address());
  }

  @ParameterizedTest
  @CsvSource({"zstd, 500", "gzip, 300", "lz4, 500", "snappy, 100", "none, 8"})
  void aBatchOfLargeRecords_comesOutPollByPoll(String codec, int count) {
    String topic = "packed-" + codec;
    kafka.create(topic, 1);
    batches.write(topic, 0, codec, Stream.generate(() -> zeros(MIB)).limit(count));
    try (var reading = new Reading(topic)) {
      long offset = 0;
      while (offset < count) {
        ConsumerRecords<byte[], byte[]> polled = reading.poll();
        long bytes = 0;
        for (ConsumerRecord<byte[], byte[]> record : polled) {
          assertThat(record.offset()).isEqualTo(offset++);
          bytes += record.value().length;
        }
        assertThat(bytes).as("bytes of one poll").isLessThanOrEqualTo(LIMITS.pollBytes());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "gzip", "lz4"})
  void aRecordThatNoHeapHolds_isPassedOver_andItsNeighboursAreRead(String codec) {
    String topic = "giant-" + codec;
    kafka.create(topic, 1);
    batches.write(topic, 0, codec, Stream.of(zeros(10), zeros(GIANT), zeros(20)));
    batches.write(topic, 0, codec, Stream.of(zeros(30)));
    try (var reading = new Reading(topic)) {
      long before = allocated();

      List<ConsumerRecord<byte[], byte[]>> read = reading.read(4);

      assertThat(allocated() - before).as("bytes allocated").isLessThan(SLACK);
      assertThat(read)
          .extracting(record -> record.value() == null ? -1 : record.value().length)
          .containsExactly(10, -1, 20, 30);
      assertThat(Withheld.bytes(read.get(1).headers())).isEqualTo(GIANT);
      assertThat(Withheld.bytes(read.get(2).headers())).isZero();
    }
  }

  @Test
  void keysAndHeadersOfAnySize_costNoMoreThanValues() {
    kafka.create("around", 1);
    List<Header> large = List.of(new RecordHeader("large", new byte[8 * MIB]));
    List<Header> many =
        IntStream.range(0, 200_000)
            .<Header>mapToObj(i -> new RecordHeader("h", new byte[] {1}))
            .toList();
    batches.write(
        "around",
        0,
        "zstd",
        Stream.of(
            content(ByteBuffer.allocateDirect(GIANT), ByteBuffer.allocate(1), List.of()),
            content(null, ByteBuffer.allocate(2), large),
            content(null, null, large),
            content(null, ByteBuffer.allocate(3), many)));
    batches.write(
        "around",
        0,
        "zstd",
        Stream.generate(() -> content(null, null, many.subList(0, 10_000))).limit(500));
    try (var reading = new Reading("around")) {
      long before = allocated();

      List<ConsumerRecord<byte[], byte[]>> read = reading.read(4);

      assertThat(allocated() - before).as("bytes allocated").isLessThan(2 * SLACK);
      assertThat(read)
          .extracting(record -> record.value() == null ? -1 : record.value().length)
          .startsWith(1, 2, -1, 3);
      assertThat(read.get(3).headers()).hasSizeLessThanOrEqualTo(10_000);
      assertThat(reading.mostRecords).isLessThan(20);
      assertThat(reading.read(500 + 4 - read.size())).isNotEmpty();
      assertThat(reading.mostRecords).as("records of one poll").isLessThan(20);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsRead_isWhatKafkasOwnConsumerReads(long seed) {
    var random = new Random(seed);
    String topic = "same-" + seed;
    kafka.create(
        topic, 1, seed == 3 ? Map.of("message.timestamp.type", "LogAppendTime") : Map.of());
    int count = 0;
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      List<Content> contents =
          Stream.generate(() -> anyContent(random)).limit(1 + random.nextInt(200)).toList();
      batches.write(topic, 0, codec, contents.stream());
      count += contents.size();
    }
    try (var reading = new Reading(topic)) {
      List<String> ours = reading.read(count).stream().map(UnpackedReadingTest::words).toList();
      assertThat(ours)
          .as("seed " + seed)
          .isEqualTo(kafka.read(topic, count).stream().map(UnpackedReadingTest::words).toList());
    }
  }

  @Test
  void manyPartitions_doNotWaitInMemoryAllAtOnce() {
    int partitions = 24;
    kafka.create("many", partitions);
    for (int partition = 0; partition < partitions; partition++) {
      batches.write("many", partition, "none", Stream.generate(() -> random(MIB)).limit(2));
    }
    var limits = new ReadLimits(10 * MIB, MIB, 6L * MIB, 4 * MIB);
    try (var reading = new Reading("many", partitions, limits)) {
      var next = new HashMap<Partition, Long>();
      var pauses =
          new Pauses(reading.reader.consumer(), reading.reader.ends()::waitingBytes, 6L * MIB);
      int read = 0;
      long most = 0;
      while (read < 2 * partitions) {
        pauses.goOn(next, Set.of());
        ConsumerRecords<byte[], byte[]> polled = reading.poll();
        read += polled.count();
        next.putAll(Translation.ours(polled.nextOffsets()));
        pauses.holdAll(); // as while the store is busy; what is under way arrives
        assertThat(reading.poll()).isEmpty();
        long waiting = 0;
        for (int partition = 0; partition < partitions; partition++) {
          waiting +=
              reading
                  .reader
                  .ends()
                  .waitingBytes(partition, next.getOrDefault(new Partition("many", partition), 0L));
        }
        most = Math.max(most, waiting);
      }
      assertThat(most).isBetween(1L * MIB, 6L * MIB + 4 * MIB + MIB);
    }
  }

  @Test
  void aRecordThatWasPassedOver_becomesADeadLetterWithoutContent_andIsCommitted() {
    kafka.create("outsized", 1);
    batches.write("outsized", 0, "zstd", Stream.of(zeros(10), zeros(GIANT), zeros(20)));
    try (var broker = IntakeBench.start(kafka.consumed("outsized"))) {
      broker.awaitRows(3);

      NewActivation giant = broker.store.rows().get(1);
      assertThat(giant.activation().isBadRecord()).isTrue();
      assertThat(giant.activation().defect())
          .contains(GIANT + " bytes")
          .contains("does not fit into max_deliverable_size");
      assertThat(giant.payload()).isEmpty();
      Eventually.holds("it is committed", () -> kafka.committed("outsized").equals(Map.of(0, 3L)));
      assertThat(broker.crashes).isEmpty();
    }
  }

  /** A consumer that reads partitions from their beginning. */
  private final class Reading implements AutoCloseable {
    private final Reader reader;
    private int mostRecords;

    Reading(String topic) {
      this(topic, 1, LIMITS);
    }

    Reading(String topic, int partitions, ReadLimits limits) {
      reader =
          Reader.create(
              KafkaClientProperties.consumer(kafka.consumed(topic), limits),
              limits.valueBytes(),
              limits.pollBytes());
      Set<TopicPartition> all = new HashSet<>();
      for (int partition = 0; partition < partitions; partition++) {
        all.add(new TopicPartition(topic, partition));
      }
      reader.consumer().assign(all);
      reader.consumer().seekToBeginning(all);
    }

    ConsumerRecords<byte[], byte[]> poll() {
      reader.budget().begin();
      ConsumerRecords<byte[], byte[]> polled = reader.consumer().poll(Duration.ofMillis(100));
      mostRecords = Math.max(mostRecords, polled.count());
      return polled;
    }

    List<ConsumerRecord<byte[], byte[]>> read(int atLeast) {
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      Eventually.holds(
          atLeast + " records",
          () -> {
            poll().forEach(records::add);
            return records.size() >= atLeast;
          });
      return records;
    }

    @Override
    public void close() {
      reader.consumer().close();
    }
  }

  private static String words(ConsumerRecord<byte[], byte[]> record) {
    var headers = new StringBuilder();
    for (Header header : record.headers()) {
      headers.append(header.key()).append('=').append(hash(header.value())).append(',');
    }
    return "%d@%d %s %s %s"
        .formatted(
            record.offset(),
            record.timestamp(),
            record.timestampType(),
            hash(record.value()),
            headers);
  }

  private static String hash(byte @Nullable [] bytes) {
    return bytes == null ? "null" : bytes.length + "#" + Arrays.hashCode(bytes);
  }

  private static Content anyContent(Random random) {
    List<Header> headers = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      headers.add(
          new RecordHeader(
              "ü" + random.nextInt(9), random.nextInt(4) == 0 ? null : bytes(random, 300)));
    }
    return new Content(
        random.nextInt(5) == 0 ? -1 : 1_700_000_000_000L + random.nextInt(1_000_000),
        random.nextInt(3) == 0 ? ByteBuffer.wrap(bytes(random, 3_000)) : null,
        random.nextInt(6) == 0 ? null : ByteBuffer.wrap(bytes(random, 40_000)),
        headers);
  }

  private static byte[] bytes(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Content random(int bytes) {
    byte[] value = new byte[bytes];
    new Random(bytes).nextBytes(value);
    return content(null, ByteBuffer.wrap(value), List.of());
  }

  private static Content zeros(int bytes) {
    return Content.of(
        bytes == GIANT ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes));
  }

  private static Content content(
      @Nullable ByteBuffer key, @Nullable ByteBuffer value, List<Header> headers) {
    return new Content(1_700_000_000_000L, key, value, headers);
  }

  /** Bytes that this thread has allocated since it began. */
  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
