package io.taskbroker.adapters.kafka.unpack;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;

/**
 * What Kafka said of the ends of a topic's partitions when it last answered, and how much it sent.
 *
 * <p>Safe for all threads: the client's heartbeat thread receives answers, too.
 */
public final class PartitionEnds {
  private final Map<Integer, End> ends = new ConcurrentHashMap<>();
  private final Map<Integer, Sent> sent = new ConcurrentHashMap<>();
  private final Map<String, Long> answers = new ConcurrentHashMap<>();

  /**
   * @param stable offset before which no transaction is open: as far as can be read
   * @param high offset behind the last record
   */
  public record End(long stable, long high) {}

  /** The latest that was sent: packed bytes, and the offset behind its last record. */
  private record Sent(int bytes, long next) {}

  void note(PartitionData answer) {
    if (answer.errorCode() != 0) {
      return;
    }
    ends.put(answer.partitionIndex(), new End(answer.lastStableOffset(), answer.highWatermark()));
    if (answer.records() instanceof Records records && records.sizeInBytes() > 0) {
      Optional<RecordBatch> last = lastOf(records);
      last.ifPresent(
          batch ->
              sent.put(
                  answer.partitionIndex(),
                  new Sent(
                      records.sizeInBytes(),
                      Math.min(batch.nextOffset(), answer.highWatermark()))));
    }
  }

  /** A node has answered, and has sent records. */
  void answered(String node) {
    answers.merge(node, 1L, Long::sum);
  }

  /** How many answers with records each node has given; a node that gave none is left out. */
  public Map<String, Long> answers() {
    return Map.copyOf(answers);
  }

  /** Of damaged batches the last is not known; whoever reads them finds that out. */
  private static Optional<RecordBatch> lastOf(Records records) {
    try {
      return records.lastBatch();
    } catch (CorruptRecordException _) {
      return Optional.empty();
    }
  }

  /** The ends of each partition that has been read from. */
  public Map<Integer, End> all() {
    return Map.copyOf(ends);
  }

  /**
   * Packed bytes of a partition that were sent and are not read yet.
   *
   * @param position up to which it has been read
   */
  public long waitingBytes(int partition, long position) {
    Sent latest = sent.get(partition);
    return latest == null || latest.next() <= position ? 0 : latest.bytes();
  }

  /** Forgets all: another assignment begins. */
  public void clear() {
    ends.clear();
    sent.clear();
    answers.clear();
  }
}
