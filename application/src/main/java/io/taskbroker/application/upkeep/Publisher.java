package io.taskbroker.application.upkeep;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes records to Kafka topics. Safe for any number of threads. */
public interface Publisher {
  /**
   * Publishes records to one topic and waits, for a bounded time, for what becomes of each.
   *
   * <p>A record whose fate is {@link Fate.NotNow} may nevertheless arrive later.
   *
   * @return one fate per record, in order; never throws for what Kafka says
   */
  List<Fate> publish(String topic, List<OutgoingRecord> records);

  /**
   * @param partitionKey null to spread; otherwise equal keys go to the same partition as long as
   *     the topic keeps its number of partitions. The record itself has no key
   */
  record OutgoingRecord(byte[] value, Map<String, byte[]> headers, @Nullable String partitionKey) {}

  /** What became of a record. */
  sealed interface Fate {
    /** Kafka has it, on all replicas that it demands. */
    record Acknowledged() implements Fate {}

    /**
     * Not published, or not known: unreachable, time-out, missing topic, not authorised.
     *
     * @param reason what is wrong, in words for an operator
     * @param remedy what to do about it
     */
    record NotNow(String reason, String remedy) implements Fate {
      /** Where nobody knows more. */
      public NotNow(String reason) {
        this(reason, "See that the topic exists and may be written to");
      }
    }

    /** Kafka will never take it: too large, or invalid. */
    record Never(String reason) implements Fate {}
  }
}
