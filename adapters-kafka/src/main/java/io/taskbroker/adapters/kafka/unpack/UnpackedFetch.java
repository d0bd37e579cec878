package io.taskbroker.adapters.kafka.unpack;

import java.io.IOException;
import java.util.Iterator;
import java.util.OptionalLong;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.utils.internals.AbstractIterator;
import org.jspecify.annotations.Nullable;

/** What Kafka sent of one partition, whose batches are unpacked in our way. */
final class UnpackedFetch extends AbstractRecords {
  private final Records fetched;
  private final int limitBytes;
  private final PollBudget budget;
  private final Damages damages;
  private final int partition;
  private final long end;
  private final OptionalLong behindEndBefore;

  /** What was sent begins with what cannot be read, so nothing of it can be. */
  private boolean isUseless;

  /**
   * @param damages told what is wrong with a batch of the partition; it and those behind it are
   *     left out
   * @param end offset behind the partition's last record. Kafka notes it before it reads, so what
   *     is written meanwhile may lie behind it in one answer, and lies before it in the next one
   */
  UnpackedFetch(
      Records fetched,
      int limitBytes,
      PollBudget budget,
      Damages damages,
      int partition,
      long end) {
    this.fetched = fetched;
    this.limitBytes = limitBytes;
    this.budget = budget;
    this.damages = damages;
    this.partition = partition;
    this.end = end;
    this.behindEndBefore = damages.behindEnd(partition);
  }

  @Override
  public Iterable<RecordBatch> batches() {
    return this::batchIterator;
  }

  @Override
  public AbstractIterator<RecordBatch> batchIterator() {
    Iterator<? extends RecordBatch> batches = fetched.batches().iterator();
    return new AbstractIterator<>() {
      private boolean isFirst = true;

      @Override
      protected RecordBatch makeNext() {
        RecordBatch next = nextSound(batches, isFirst);
        isFirst = false;
        return next == null ? allDone() : unpacked(next);
      }
    };
  }

  /**
   * @return null at the end of what can be read; the client then asks for what comes behind it
   */
  private @Nullable RecordBatch nextSound(
      Iterator<? extends RecordBatch> batches, boolean isFirst) {
    String damage = "its batch is longer than what Kafka sends of it";
    try {
      if (batches.hasNext()) {
        RecordBatch next = batches.next();
        next.ensureValid();
        if (next.lastOffset() >= end) {
          isUseless = isFirst;
          leaveOut(next.lastOffset());
          return null;
        }
        ensureUnpackable(next);
        if (isFirst) {
          damages.withdraw(partition); // it begins where damage was found before, if any was
        }
        return next;
      }
      if (!isFirst || fetched.sizeInBytes() == 0) {
        return null; // the last batch may be cut short, but for the first
      }
    } catch (CorruptRecordException e) {
      damage = String.valueOf(e.getMessage());
    } catch (IllegalArgumentException _) {
      // a length, over which there is no checksum, is so large that the client's sum overflows
    }
    isUseless = isFirst;
    damages.note(partition, damage);
    return null;
  }

  /**
   * Looks at what the client reads by itself, where it throws something of Java's, or leaves the
   * whole topic: how a batch is packed, and the few bytes of a control batch.
   */
  private static void ensureUnpackable(RecordBatch batch) {
    try {
      var _ = batch.compressionType();
      if (batch.isControlBatch()) {
        if (batch.isCompressed()) { // the client would unpack all of it at once
          throw new CorruptRecordException("its control batch is packed, which Kafka's never are");
        }
        batch.iterator().forEachRemaining(_ -> {});
      }
    } catch (IllegalArgumentException | KafkaException e) {
      throw new CorruptRecordException("its batch cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /**
   * No checksum is over a batch's offset, so it may be damaged; but only if the next answer says
   * the same.
   */
  private void leaveOut(long lastOffset) {
    if (behindEndBefore.isPresent() && behindEndBefore.getAsLong() == lastOffset) {
      throw new CorruptRecordException(
          "its batch says that it ends at offset %d, and the partition ends at %d"
              .formatted(lastOffset, end));
    }
    damages.noteBehindEnd(partition, lastOffset);
  }

  /** Formats before version 2 are left to the client; no producer of today writes them. */
  private RecordBatch unpacked(RecordBatch batch) {
    return batch instanceof DefaultRecordBatch current
        ? new UnpackedBatch(current, limitBytes, budget)
        : batch;
  }

  @Override
  public int sizeInBytes() {
    return isUseless ? 0 : fetched.sizeInBytes();
  }

  @Override
  public Records slice(int position, int size) {
    return new UnpackedFetch(
        fetched.slice(position, size), limitBytes, budget, damages, partition, end);
  }

  @Override
  public int writeTo(TransferableChannel channel, int position, int length) throws IOException {
    return fetched.writeTo(channel, position, length);
  }
}
