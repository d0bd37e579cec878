package io.taskbroker.embeddedkafka;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches that Java's producer does not make, since it bounds them by their unpacked size:
 * 24 KB in Kafka can hold 500 MB. Takes memory for what is packed alone.
 */
public final class BatchWriter {
  /** The first whose records are of today's format, and the last that knows topics by name. */
  private static final short VERSION = 9;

  private static final int TIMEOUT_MS = 60_000;
  private static final int FIRST_BUFFER = 64 * 1024;

  private final String host;
  private final int port;

  /**
   * One record.
   *
   * @param timestampMs -1 for none
   */
  public record Content(
      long timestampMs,
      @Nullable ByteBuffer key,
      @Nullable ByteBuffer value,
      List<? extends Header> headers) {
    public static Content of(ByteBuffer value) {
      return new Content(System.currentTimeMillis(), null, value, List.of());
    }
  }

  /**
   * @param address of a Kafka that leads all partitions
   */
  public BatchWriter(String address) {
    int colon = address.lastIndexOf(':');
    this.host = address.substring(0, colon);
    this.port = Integer.parseInt(address.substring(colon + 1));
  }

  /**
   * Writes one batch, and returns once Kafka has it.
   *
   * @param codec {@code none}, {@code gzip}, {@code snappy}, {@code lz4} or {@code zstd}
   * @param records made one after the other
   * @return how many bytes it takes in Kafka
   * @throws IllegalStateException if Kafka refuses it
   */
  public int write(String topic, int partition, String codec, Stream<Content> records) {
    MemoryRecords batch = packed(codec, records);
    var data =
        new ProduceRequestData()
            .setAcks((short) -1)
            .setTimeoutMs(TIMEOUT_MS)
            .setTopicData(
                new TopicProduceDataCollection(
                    List.of(
                            new TopicProduceData()
                                .setName(topic)
                                .setPartitionData(
                                    List.of(
                                        new PartitionProduceData()
                                            .setIndex(partition)
                                            .setRecords(batch))))
                        .iterator()));
    ProduceRequest request = ProduceRequest.builder(data).build(VERSION);
    try {
      demandSuccess(answer(request));
    } catch (IOException e) {
      throw new IllegalStateException("Kafka does not take a batch of " + topic, e);
    }
    return batch.sizeInBytes();
  }

  private static MemoryRecords packed(String codec, Stream<Content> records) {
    try (MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(FIRST_BUFFER),
            Compression.of(CompressionType.forName(codec)).build(),
            TimestampType.CREATE_TIME,
            0)) {
      records.forEach(
          record ->
              builder.append(
                  record.timestampMs(),
                  record.key(),
                  record.value(),
                  record.headers().toArray(Header[]::new)));
      return builder.build();
    }
  }

  private ProduceResponseData answer(ProduceRequest request) throws IOException {
    var header = new RequestHeader(ApiKeys.PRODUCE, VERSION, "batch-writer", 1);
    ByteBuffer bytes = request.serializeWithHeader(header);
    try (var socket = new Socket(host, port)) {
      socket.setSoTimeout(TIMEOUT_MS);
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(bytes.remaining());
      out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      out.flush();
      var in = new DataInputStream(socket.getInputStream());
      ByteBuffer response = ByteBuffer.wrap(in.readNBytes(in.readInt()));
      var _ = ResponseHeader.parse(response, ApiKeys.PRODUCE.responseHeaderVersion(VERSION));
      return new ProduceResponseData(new ByteBufferAccessor(response), VERSION);
    }
  }

  private static void demandSuccess(ProduceResponseData answer) {
    answer
        .responses()
        .forEach(
            topic ->
                topic
                    .partitionResponses()
                    .forEach(
                        partition -> {
                          if (partition.errorCode() != 0) {
                            throw new IllegalStateException(
                                "Kafka refuses a batch: %s, %s"
                                    .formatted(
                                        Errors.forCode(partition.errorCode()),
                                        partition.errorMessage()));
                          }
                        }));
  }
}
