package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.unpack.PartitionEnds.End;
import io.taskbroker.application.Stalls;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Explains partitions that a producer's unfinished transaction holds up: no record behind its
 * beginning is given out before it ends. Used by one thread at a time.
 */
final class OpenTransactions {
  /** A transaction that lasts shorter is everyday life. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String topic;
  private final Stalls stalls;
  private final Map<Integer, Open> open = new HashMap<>();
  private final Set<Integer> told = new HashSet<>();

  /** A transaction that begins at this offset and was first seen then. */
  private record Open(long offset, Moment since) {
    boolean isOld(Moment now) {
      return since.plus(PATIENCE).isBefore(now);
    }
  }

  OpenTransactions(String topic, Stalls stalls) {
    this.topic = topic;
    this.stalls = stalls;
  }

  /**
   * @param ends of the partitions that are read, as Kafka told them last
   */
  void look(Map<Integer, End> ends, Moment now) {
    ends.forEach(
        (partition, end) -> {
          if (end.stable() >= 0 && end.stable() < end.high()) {
            Open known = open.get(partition);
            if (known == null || known.offset() != end.stable()) {
              open.put(partition, new Open(end.stable(), now));
            }
          } else {
            open.remove(partition);
          }
        });
    open.keySet().retainAll(ends.keySet());
    open.forEach((partition, known) -> tellIfOld(partition, known, now));
    for (Integer partition : Set.copyOf(told)) {
      Open known = open.get(partition);
      if (known == null || !known.isOld(now)) {
        told.remove(partition);
        stalls.end(what(partition));
      }
    }
  }

  private void tellIfOld(Integer partition, Open known, Moment now) {
    if (known.isOld(now)) {
      told.add(partition);
      stalls.begin(
          what(partition),
          "a producer has had a transaction open since offset %d for more than %d s, and nothing"
                  .formatted(known.offset(), PATIENCE.toSeconds())
              + " behind it can be read before it ends",
          "It ends when the producer commits or aborts it, or when Kafka does after the producer's"
              + " transaction.timeout.ms. kafka-transactions.sh describe-producers --topic %s"
                  .formatted(topic)
              + " --partition %d tells whose it is, and abort ends it".formatted(partition));
    }
  }

  private String what(int partition) {
    return "Reading of partition %d of topic '%s'".formatted(partition, topic);
  }
}
