package io.taskbroker.fuzzing;

import io.taskbroker.adapters.kafka.unpack.FetchedBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * What a broker of Kafka sends of a partition. Its checksum is put right, or nothing behind it
 * would ever be reached: who writes to a topic can put it right, too.
 */
final class BatchTarget implements Target {
  static final String NAME = "batch";

  /** Places in the head of a batch of version 2: KIP-98. */
  private static final int LENGTH_AT = 8;

  private static final int MAGIC_AT = 16;
  private static final int CHECKSUM_AT = 17;
  private static final int CHECKED_FROM = 21;
  private static final int HEAD_BYTES = 61;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "batches of Kafka, packed or not: unpacked record by record, with limits";
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (CompressionType type : CompressionType.values()) {
      var records =
          MemoryRecords.withRecords(
              Compression.of(type).build(),
              new SimpleRecord(1L, null, Samples.plain("a").toByteArray()),
              new SimpleRecord(
                  2L,
                  new byte[] {1},
                  Samples.full("b").toByteArray(),
                  new RecordHeader[] {new RecordHeader("h", new byte[] {1, 2})}));
      byte[] bytes = new byte[records.sizeInBytes()];
      records.buffer().get(bytes);
      seeds.add(bytes);
    }
    return seeds;
  }

  @Override
  public void give(byte[] input) {
    var _ = FetchedBytes.read(input);
    if (input.length > HEAD_BYTES) {
      var _ = FetchedBytes.read(wholeBatch(input));
    }
  }

  private static byte[] wholeBatch(byte[] input) {
    byte[] batch = input.clone();
    ByteBuffer head = ByteBuffer.wrap(batch);
    head.putInt(LENGTH_AT, batch.length - LENGTH_AT - Integer.BYTES);
    head.put(MAGIC_AT, (byte) 2);
    var checksum = new CRC32C();
    checksum.update(batch, CHECKED_FROM, batch.length - CHECKED_FROM);
    head.putInt(CHECKSUM_AT, (int) checksum.getValue());
    return batch;
  }
}
