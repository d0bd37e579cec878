package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.PartitionLines.Cause;
import io.taskbroker.adapters.kafka.unpack.PartitionEnds.End;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Explains partitions that a producer's unfinished transaction holds up: no record behind its
 * beginning is given out before it ends. Used by one thread at a time.
 */
final class OpenTransactions {
  /** A transaction that lasts shorter is everyday life. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final PartitionLines lines;
  private final Map<Integer, Open> open = new HashMap<>();

  /** A transaction that begins at this offset and was first seen then. */
  private record Open(long offset, Moment since) {
    boolean isOld(Moment now) {
      return since.plus(PATIENCE).isBefore(now);
    }
  }

  OpenTransactions(PartitionLines lines) {
    this.lines = lines;
  }

  /**
   * @param ends of the partitions that are read, as Kafka told them last
   */
  void look(Map<Integer, End> ends, Moment now) {
    Set.copyOf(open.keySet()).stream()
        .filter(partition -> !ends.containsKey(partition))
        .forEach(this::ended);
    ends.forEach((partition, end) -> look(partition, end, now));
  }

  private void look(Integer partition, End end, Moment now) {
    if (end.stable() < 0 || end.stable() >= end.high()) {
      ended(partition);
      return;
    }
    Open known = open.get(partition);
    if (known == null || known.offset() != end.stable()) { // another one, if there was one before
      ended(partition);
      known = new Open(end.stable(), now);
      open.put(partition, known);
    }
    if (known.isOld(now)) {
      lines.begin(partition, Cause.TRANSACTION, failure(partition, known));
    }
  }

  /** All is forgotten, without a line. */
  void forget() {
    open.clear();
  }

  private void ended(Integer partition) {
    open.remove(partition);
    lines.end(partition, Cause.TRANSACTION);
  }

  private KafkaFailure failure(int partition, Open known) {
    return new KafkaFailure(
        "a producer has had a transaction open since offset %d for more than %d s, and nothing"
                .formatted(known.offset(), PATIENCE.toSeconds())
            + " behind it can be read before it ends",
        "It ends when the producer commits or aborts it, or when Kafka does after the producer's"
            + " transaction.timeout.ms. kafka-transactions.sh describe-producers --topic %s"
                .formatted(lines.topic())
            + " --partition %d tells whose it is, and abort ends it".formatted(partition));
  }
}
