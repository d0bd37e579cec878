package io.taskbroker.adapters.kafka;

/**
 * How much memory the reading of one topic may take.
 *
 * <p>Kafka's own limits count bytes as they are packed in batches. A batch of 24 KB can hold 500
 * MB, so these count bytes as they are unpacked, wherever that makes a difference.
 *
 * @param valueBytes a larger value is not read; its record goes to the dead-letter topic as headers
 *     only. Also the longest that one allocation gets
 * @param pollBytes a poll ends once it has unpacked this much, but never without a record
 * @param waitingBytes of packed data that may wait in memory, over all partitions; what is under
 *     way comes on top
 * @param fetchBytes most packed bytes of one answer of Kafka; a single larger batch passes
 */
public record ReadLimits(int valueBytes, long pollBytes, long waitingBytes, int fetchBytes) {
  private static final long MIB = 1024 * 1024;

  /** Shares of the heap. The rest is for what is stored, the workers' calls, and Java itself. */
  private static final int VALUE_SHARE = 8;

  private static final int POLL_SHARE = 32;
  private static final int WAITING_SHARE = 8;
  private static final int FETCH_SHARE = 16;

  /** More would gain nothing: a poll of 500 records of 1 KB has 0.5 MB. */
  private static final long MOST_POLL = 16 * MIB;

  private static final long MOST_WAITING = 256 * MIB;

  /** Enough for 50,000 records of 1 KB a second from each of 16 partitions, 20 ms away. */
  private static final long MOST_FETCH = 16 * MIB;

  /**
   * A raw topic packs its values before they are delivered, so more than what can be delivered is
   * read where there is room for it.
   */
  private static final long MOST_VALUE = 64 * MIB;

  public ReadLimits {
    if (valueBytes < 1 || pollBytes < 1 || waitingBytes < 1 || fetchBytes < 1) {
      throw new IllegalArgumentException(
          "limits must be at least 1, were %d, %d, %d and %d"
              .formatted(valueBytes, pollBytes, waitingBytes, fetchBytes));
    }
  }

  /**
   * Shares a heap among the readers of a broker.
   *
   * @param heapBytes of the whole process
   * @param readers how many topics are read
   * @param deliverableBytes values up to this size are always read
   */
  public static ReadLimits of(long heapBytes, int readers, int deliverableBytes) {
    long each = heapBytes / Math.max(1, readers);
    long value = Math.max(deliverableBytes, Math.min(MOST_VALUE, heapBytes / VALUE_SHARE));
    return new ReadLimits(
        (int) Math.min(value, Integer.MAX_VALUE - 8), // the longest array
        Math.clamp(each / POLL_SHARE, MIB, MOST_POLL),
        Math.clamp(each / WAITING_SHARE, MIB, MOST_WAITING),
        (int) Math.clamp(each / FETCH_SHARE, MIB, MOST_FETCH));
  }
}
