package io.taskbroker.adapters.kafka.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/** The records of a batch, unpacked one after the other. Memory is taken for one at a time. */
final class UnpackedRecords implements CloseableIterator<Record> {
  private final DefaultRecordBatch batch;
  private final InputStream stream;
  private final int limitBytes;
  private final PollBudget budget;
  private int left;
  private @Nullable UnpackedRecord current;

  /**
   * @param buffers lends memory to the decompression
   * @param limitBytes larger values are passed over
   */
  UnpackedRecords(
      DefaultRecordBatch batch, BufferSupplier buffers, int limitBytes, PollBudget budget) {
    this.batch = batch;
    this.stream = batch.recordInputStream(buffers);
    this.limitBytes = limitBytes;
    this.budget = budget;
    Integer count = batch.countOrNull();
    this.left = count == null ? 0 : count;
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public Record next() {
    if (left <= 0) {
      throw new NoSuchElementException();
    }
    left--;
    try {
      if (current != null) {
        current.pass();
      }
      Body body = new Body(stream, Body.readLength(stream));
      UnpackedRecord next = new UnpackedRecord(batch, body, limitBytes, budget);
      current = next;
      return next;
    } catch (IOException | IllegalArgumentException e) {
      throw new KafkaException("the batch at " + batch.baseOffset() + " cannot be unpacked", e);
    }
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the batch at " + batch.baseOffset() + " stays open", e);
    }
  }
}
