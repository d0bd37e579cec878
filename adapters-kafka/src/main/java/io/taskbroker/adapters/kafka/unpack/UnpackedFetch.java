package io.taskbroker.adapters.kafka.unpack;

import java.io.IOException;
import java.util.Iterator;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.utils.internals.AbstractIterator;

/** What Kafka sent of one partition, whose batches are unpacked in our way. */
final class UnpackedFetch extends AbstractRecords {
  private final Records fetched;
  private final int limitBytes;
  private final PollBudget budget;

  UnpackedFetch(Records fetched, int limitBytes, PollBudget budget) {
    this.fetched = fetched;
    this.limitBytes = limitBytes;
    this.budget = budget;
  }

  @Override
  public Iterable<RecordBatch> batches() {
    return this::batchIterator;
  }

  @Override
  public AbstractIterator<RecordBatch> batchIterator() {
    Iterator<? extends RecordBatch> batches = fetched.batches().iterator();
    return new AbstractIterator<>() {
      @Override
      protected RecordBatch makeNext() {
        return batches.hasNext() ? unpacked(batches.next()) : allDone();
      }
    };
  }

  /** Formats before version 2 are left to the client; no producer of today writes them. */
  private RecordBatch unpacked(RecordBatch batch) {
    return batch instanceof DefaultRecordBatch current
        ? new UnpackedBatch(current, limitBytes, budget)
        : batch;
  }

  @Override
  public int sizeInBytes() {
    return fetched.sizeInBytes();
  }

  @Override
  public Records slice(int position, int size) {
    return new UnpackedFetch(fetched.slice(position, size), limitBytes, budget);
  }

  @Override
  public int writeTo(TransferableChannel channel, int position, int length) throws IOException {
    return fetched.writeTo(channel, position, length);
  }
}
