package io.taskbroker.proving.hostile;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.taskbroker.embeddedkafka.BatchWriter;
import io.taskbroker.embeddedkafka.BatchWriter.Content;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Batches that are small in Kafka and large when they are unpacked, for a broker of little heap.
 */
final class HostileBatches {
  private static final String HEAP = "256m";
  private static final int MIB = 1024 * 1024;
  private static final int GIANT = 300 * MIB;
  private static final int PARTITIONS = 32;
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long MOST_RESTARTS = 5;

  /** As many tasks, each with so much content. */
  private record Packed(String codec, int partition, int tasks, int bytes) {}

  private static final List<Packed> BATCHES =
      List.of(
          new Packed("zstd", 0, 500, MIB),
          new Packed("gzip", 1, 100, MIB),
          new Packed("lz4", 2, 100, MIB),
          new Packed("snappy", 3, 50, MIB),
          new Packed("zstd", 4, 30, 9 * MIB),
          new Packed("zstd", 5, 500, 200 * 1024));

  private final Stage stage;
  private final Verdict verdict;
  private final BrokerSetup settings;
  private final BatchWriter writer;
  private final Set<String> expected = new HashSet<>();
  private long restarts;

  HostileBatches(Stage stage, Verdict verdict) {
    this.stage = stage;
    this.verdict = verdict;
    this.settings =
        BrokerSetup.of(
            stage.folder().resolve("batches"), stage.kafka().address(), "hostile-batches");
    this.writer = new BatchWriter(stage.kafka().address());
  }

  void play() {
    try (Topics topics = Topics.at(settings.kafka());
        var deadLetters = new RawTopic(settings.kafka(), settings.deadLetterTopic())) {
      topics.create(settings.topic(), PARTITIONS, Map.of("max.message.bytes", "12000000"));
      topics.create(settings.deadLetterTopic(), 1);
      write();
      Set<String> done = new HashSet<>();
      BrokerProcess broker = launch();
      try {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!done.containsAll(expected) && System.nanoTime() < deadline) {
          if (!broker.process().isAlive() && restarts < MOST_RESTARTS) {
            stage.say("the broker ended: " + broker.lastLine());
            restarts++;
            broker = launch();
          }
          work(done);
        }
        Waiting.untilNothingLeft(
            "all offsets are committed",
            PATIENCE,
            () -> topics.lag(settings.group(), settings.topic()));
      } finally {
        broker.close();
      }
      tell(done, deadLetters.records());
    }
  }

  private BrokerProcess launch() {
    return BrokerProcess.launch(settings, HEAP, List.of("-XX:+ExitOnOutOfMemoryError"))
        .awaitServing(START);
  }

  private void write() {
    for (Packed packed : BATCHES) {
      String name = packed.codec() + "-" + packed.partition() + "-";
      Stream<Content> tasks =
          IntStream.range(0, packed.tasks()).mapToObj(i -> task(name + i, packed.bytes()));
      int bytes = writer.write(settings.topic(), packed.partition(), packed.codec(), tasks);
      stage.say(
          "%d tasks of %d KB in one batch of %s: %d KB in Kafka"
              .formatted(packed.tasks(), packed.bytes() / 1024, packed.codec(), bytes / 1024));
    }
    writer.write(
        settings.topic(), 6, "zstd", IntStream.range(0, 100).mapToObj(this::withLargeSurroundings));
    int bytes =
        writer.write(
            settings.topic(),
            7,
            "zstd",
            Stream.of(
                task("before the giant", 1),
                Content.of(zeros(GIANT)),
                task("behind the giant", 1)));
    stage.say(
        "one record of %d MB between two tasks: %d KB in Kafka"
            .formatted(GIANT / MIB, bytes / 1024));
    for (int partition = 8; partition < PARTITIONS; partition++) {
      int number = partition;
      writer.write(
          settings.topic(),
          partition,
          "none",
          IntStream.range(0, 5).mapToObj(i -> task("plain-" + number + "-" + i, MIB)));
    }
  }

  /**
   * Lie in a file without content: neither the heap nor the direct memory of this JVM is so large.
   */
  private ByteBuffer zeros(int bytes) {
    Path file = stage.folder().resolve("zeros");
    try (FileChannel channel =
        FileChannel.open(file, CREATE_NEW, SPARSE, READ, WRITE, DELETE_ON_CLOSE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map " + file, e);
    }
  }

  private Content task(String id, int bytes) {
    expected.add(id);
    return Content.of(
        ByteBuffer.wrap(
            TaskActivation.newBuilder()
                .setId(id)
                .setApplication("proving")
                .setNamespace("hostile")
                .setTaskname("hostile.batch")
                .setReceivedAt(
                    Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1_000))
                .setProcessingDeadlineDuration(60)
                .setParametersBytes(ByteString.copyFrom(new byte[bytes]))
                .build()
                .toByteArray()));
  }

  private Content withLargeSurroundings(int number) {
    Content task = task("surrounded-" + number, 1);
    return new Content(
        task.timestampMs(),
        ByteBuffer.allocate(4 * MIB),
        task.value(),
        List.of(new RecordHeader("large", new byte[4 * MIB])));
  }

  private void work(Set<String> done) {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(settings.grpcAddress())
            .usePlaintext()
            .maxInboundMessageSize(12 * MIB)
            .build();
    try {
      for (int call = 0; call < 200; call++) {
        var broker = ConsumerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
        String id = broker.getTask(GetTaskRequest.getDefaultInstance()).getTask().getId();
        var _ =
            broker.setTaskStatus(
                SetTaskStatusRequest.newBuilder()
                    .setId(id)
                    .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
                    .build());
        done.add(id);
      }
    } catch (StatusRuntimeException _) {
      Waiting.pause(Duration.ofMillis(20)); // nothing due yet, or nobody there: asked again
    } finally {
      channel.shutdownNow();
    }
  }

  private void tell(Set<String> done, List<ConsumerRecord<byte[], byte[]>> letters) {
    Set<String> missing = new HashSet<>(expected);
    missing.removeAll(done);
    List<String> reasons = letters.stream().map(HostileBatches::reason).toList();
    stage.say("heap " + HEAP + ", restarts " + restarts + ", dead letters " + reasons);
    verdict
        .show("batches_tasks", expected.size())
        .expect("batches_missing", 0, missing.size())
        .atMost("batches_restarts", 1, restarts)
        .expect("batches_dead_letters", 1, letters.size())
        .expect(
            "batches_dead_letter_bytes",
            0,
            letters.stream().mapToLong(letter -> size(letter.value())).sum())
        .expectNone(
            "batches_reason_not_said",
            reasons.stream()
                .filter(reason -> !reason.contains("does not fit into max_deliverable_size"))
                .toList());
  }

  private static long size(byte[] value) {
    return value == null ? 0 : value.length;
  }

  private static String reason(ConsumerRecord<byte[], byte[]> letter) {
    for (var header : letter.headers()) {
      if (header.key().endsWith("reason")) {
        return new String(header.value(), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
