package io.taskbroker.adapters.kafka.unpack;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Partitions of a topic of which Kafka has sent something that is damaged. What lies before it is
 * read; a reader that goes on polling is sent it again and again. Safe for all threads.
 */
public final class Damages {
  private final Map<Integer, String> found = new ConcurrentHashMap<>();
  private final Map<Integer, Long> behindEnds = new ConcurrentHashMap<>();

  void note(int partition, String reason) {
    found.put(partition, reason);
  }

  /**
   * What was found and not taken yet is over: the partition was asked for again from there, and
   * what came is sound. One poll may see both.
   */
  void withdraw(int partition) {
    found.remove(partition);
    behindEnds.remove(partition);
  }

  /** A batch that ends there lay behind the partition's end. */
  void noteBehindEnd(int partition, long lastOffset) {
    behindEnds.put(partition, lastOffset);
  }

  /** Where the batch ended that lay behind the partition's end last; empty if none did since. */
  OptionalLong behindEnd(int partition) {
    Long lastOffset = behindEnds.get(partition);
    return lastOffset == null ? OptionalLong.empty() : OptionalLong.of(lastOffset);
  }

  /** What is wrong in which partition, as far as it was found since the last call. */
  public Map<Integer, String> take() {
    Map<Integer, String> taken = new HashMap<>(found);
    taken.forEach(found::remove);
    return taken;
  }
}
