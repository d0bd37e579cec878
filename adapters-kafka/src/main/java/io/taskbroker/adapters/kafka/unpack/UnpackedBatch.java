package io.taskbroker.adapters.kafka.unpack;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.OptionalLong;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/** A batch as Kafka sent it, whose records are unpacked in our way. */
final class UnpackedBatch implements RecordBatch {
  private final DefaultRecordBatch batch;
  private final int limitBytes;
  private final PollBudget budget;

  UnpackedBatch(DefaultRecordBatch batch, int limitBytes, PollBudget budget) {
    this.batch = batch;
    this.limitBytes = limitBytes;
    this.budget = budget;
  }

  @Override
  public CloseableIterator<Record> streamingIterator(BufferSupplier buffers) {
    return batch.isControlBatch()
        ? batch.streamingIterator(buffers)
        : new UnpackedRecords(batch, buffers, limitBytes, budget);
  }

  @Override
  public CloseableIterator<Record> streamingIterator(BufferSupplier buffers, int mostRecordBytes) {
    return streamingIterator(buffers);
  }

  /** Used for control batches alone, which Kafka writes itself. */
  @Override
  public Iterator<Record> iterator() {
    return batch.iterator();
  }

  @Override
  public boolean isValid() {
    return batch.isValid();
  }

  /** It was found valid before it was given out. */
  @Override
  public void ensureValid() {}

  @Override
  public long checksum() {
    return batch.checksum();
  }

  @Override
  public long maxTimestamp() {
    return batch.maxTimestamp();
  }

  @Override
  public TimestampType timestampType() {
    return batch.timestampType();
  }

  @Override
  public long baseOffset() {
    return batch.baseOffset();
  }

  @Override
  public long lastOffset() {
    return batch.lastOffset();
  }

  @Override
  public long nextOffset() {
    return batch.nextOffset();
  }

  @Override
  public byte magic() {
    return batch.magic();
  }

  @Override
  public long producerId() {
    return batch.producerId();
  }

  @Override
  public short producerEpoch() {
    return batch.producerEpoch();
  }

  @Override
  public boolean hasProducerId() {
    return batch.hasProducerId();
  }

  @Override
  public int baseSequence() {
    return batch.baseSequence();
  }

  @Override
  public int lastSequence() {
    return batch.lastSequence();
  }

  @Override
  public CompressionType compressionType() {
    return batch.compressionType();
  }

  @Override
  public int sizeInBytes() {
    return batch.sizeInBytes();
  }

  @Override
  public Integer countOrNull() {
    return batch.countOrNull();
  }

  @Override
  public boolean isCompressed() {
    return batch.isCompressed();
  }

  @Override
  public void writeTo(ByteBuffer buffer) {
    batch.writeTo(buffer);
  }

  @Override
  public boolean isControlBatch() {
    return batch.isControlBatch();
  }

  @Override
  public boolean isTransactional() {
    return batch.isTransactional();
  }

  @Override
  public OptionalLong deleteHorizonMs() {
    return batch.deleteHorizonMs();
  }

  @Override
  public int partitionLeaderEpoch() {
    return batch.partitionLeaderEpoch();
  }
}
