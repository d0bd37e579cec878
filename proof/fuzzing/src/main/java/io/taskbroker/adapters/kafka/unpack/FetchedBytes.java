package io.taskbroker.adapters.kafka.unpack;

import java.nio.ByteBuffer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/** Bytes as they come from Kafka, read as the client reads them. It lies here to see the reader. */
public final class FetchedBytes {
  private static final int VALUE_BYTES = 64 * 1024;
  private static final long POLL_BYTES = 1024 * 1024;

  private FetchedBytes() {}

  /** How many records can be read, until the first that cannot or the poll is full. */
  public static int read(byte[] bytes) {
    var damages = new Damages();
    var fetch =
        new UnpackedFetch(
            MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)),
            VALUE_BYTES,
            new PollBudget(POLL_BYTES),
            damages,
            0,
            Long.MAX_VALUE);
    int read = 0;
    for (RecordBatch batch : fetch.batches()) {
      try (CloseableIterator<Record> records = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
        while (records.hasNext()) {
          read += look(records.next());
        }
      } catch (KafkaException _) {
        return read; // damaged, or the poll is full: the client stops there
      }
    }
    return read;
  }

  private static int look(Record record) {
    var _ = record.key();
    ByteBuffer value = record.value();
    if (value != null && value.remaining() > VALUE_BYTES) {
      throw new IllegalStateException("a value above its limit was read into memory");
    }
    int headers = 0;
    for (Header header : record.headers()) {
      headers += header.key().length();
    }
    return headers < 0 ? 0 : 1;
  }
}
