package io.taskbroker.adapters.kafka.unpack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * One record, of which nothing is read but its place until the client asks for its content.
 *
 * <p>The client asks for the key first, so that is where the budget is asked. The key itself is
 * passed over: nobody here needs it, and it may be large.
 */
final class UnpackedRecord implements Record {
  /** More than a producer needs; what is beyond is passed over. */
  private static final int MOST_HEADERS = 10_000;

  private static final int MOST_HEADER_BYTES = 1024 * 1024;

  /** Two objects and their place in lists, here and behind the client. */
  private static final int BYTES_OF_A_HEADER = 200;

  private final Body body;
  private final int limitBytes;
  private final PollBudget budget;
  private final int bytes;
  private final long offset;
  private final long timestamp;
  private @Nullable ByteBuffer value;
  private List<Header> headers = List.of();
  private boolean read;
  private @Nullable RuntimeException failure;

  /**
   * Reads the record's place.
   *
   * @param limitBytes a larger value is passed over
   */
  UnpackedRecord(DefaultRecordBatch batch, Body body, int limitBytes, PollBudget budget)
      throws IOException {
    this.body = body;
    this.limitBytes = limitBytes;
    this.budget = budget;
    this.bytes = body.left();
    body.pass(1); // attributes, of which there are none yet
    long created = batch.baseTimestamp() + body.readLong();
    this.timestamp =
        batch.timestampType() == TimestampType.LOG_APPEND_TIME ? batch.maxTimestamp() : created;
    this.offset = batch.baseOffset() + body.readInt();
  }

  /** Goes to the record's end, wherever its reading stands. */
  void pass() throws IOException {
    body.passRest();
  }

  /**
   * Reads the content, if this poll may.
   *
   * @return null, as if there were no key
   * @throws PollBudget.PollIsFull if it may not; nothing was read
   * @throws KafkaException if the record is damaged
   */
  @Override
  public @Nullable ByteBuffer key() {
    if (failure != null) {
      throw failure;
    }
    if (!read) {
      budget.admit(bytes);
      try {
        readContent();
      } catch (IOException | IllegalArgumentException e) {
        failure = new InvalidRecordException("record " + offset + " cannot be unpacked", e);
        throw failure;
      } catch (KafkaException e) {
        failure = e;
        throw e;
      }
      read = true;
    }
    return null;
  }

  private void readContent() throws IOException {
    int keyBytes = body.readInt();
    if (keyBytes > 0) {
      body.pass(keyBytes);
    }
    int valueBytes = body.readInt();
    List<Header> found = new ArrayList<>();
    if (valueBytes > limitBytes) {
      body.pass(valueBytes);
      found.add(new Withheld(valueBytes));
    } else if (valueBytes >= 0) {
      value = ByteBuffer.wrap(body.readBytes(valueBytes));
    }
    readHeaders(found);
    body.passRest();
    headers = List.copyOf(found);
    budget.spend((long) BYTES_OF_A_HEADER * found.size());
  }

  private void readHeaders(List<Header> into) throws IOException {
    int count = Math.min(body.readInt(), MOST_HEADERS);
    int room = MOST_HEADER_BYTES;
    for (int i = 0; i < count; i++) {
      int nameBytes = body.readInt();
      room -= nameBytes;
      if (room < 0) {
        return;
      }
      String name = new String(body.readBytes(nameBytes), StandardCharsets.UTF_8);
      int contentBytes = body.readInt();
      room -= Math.max(0, contentBytes);
      if (room < 0) {
        return;
      }
      into.add(new RecordHeader(name, contentBytes < 0 ? null : body.readBytes(contentBytes)));
    }
  }

  @Override
  public @Nullable ByteBuffer value() {
    return value == null ? null : value.duplicate();
  }

  @Override
  public Header[] headers() {
    return headers.toArray(Header[]::new);
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long timestamp() {
    return timestamp;
  }

  /** Its size as it is packed in an uncompressed batch. */
  @Override
  public int sizeInBytes() {
    return bytes;
  }

  @Override
  public int sequence() {
    return RecordBatch.NO_SEQUENCE;
  }

  /** The checksum is the batch's. */
  @Override
  public void ensureValid() {}

  @Override
  public int keySize() {
    return -1;
  }

  @Override
  public boolean hasKey() {
    return false;
  }

  @Override
  public int valueSize() {
    return value == null ? -1 : value.remaining();
  }

  @Override
  public boolean hasValue() {
    return value != null;
  }

  @Override
  public boolean hasMagic(byte magic) {
    return magic >= RecordBatch.MAGIC_VALUE_V2;
  }

  @Override
  public boolean isCompressed() {
    return false;
  }

  @Override
  public boolean hasTimestampType(TimestampType timestampType) {
    return false;
  }
}
