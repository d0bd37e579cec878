package io.taskbroker.application.upkeep;

import io.taskbroker.domain.Delivery;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes records to Kafka topics. Safe for any number of threads. */
public interface Publisher {
  /**
   * Publishes records to one topic and waits, for a bounded time, for what becomes of each.
   *
   * @return one fate per record, in order; never throws for what Kafka says
   */
  List<Fate> publish(String topic, List<OutgoingRecord> records);

  /**
   * @param partitionKey null to spread; otherwise equal keys go to the same partition as long as
   *     the topic keeps its number of partitions. The record itself has no key
   * @param delivery at most once: every fate but {@link Fate.Unknown} is certain. At least once:
   *     after every fate but {@link Fate.Acknowledged} the record may arrive later, all the same
   */
  record OutgoingRecord(
      byte[] value,
      Map<String, byte[]> headers,
      @Nullable String partitionKey,
      Delivery delivery) {}

  /** What became of a record. */
  sealed interface Fate {
    /** Kafka has it, on all replicas that it demands. */
    record Acknowledged() implements Fate {}

    /**
     * Not published: unreachable, time-out, missing topic, not authorised. Other records to the
     * same topic would fare no better now.
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

    /**
     * Nobody knows whether Kafka has it, or will have it: it was sent, and no answer tells.
     *
     * @param reason what is wrong, in words for an operator
     * @param remedy what to do about it
     */
    record Unknown(String reason, String remedy) implements Fate {}

    /**
     * Kafka refuses this record, for a cause that lies in the topic's settings or a policy and may
     * pass. Other records may fare better.
     */
    record Refused(String reason) implements Fate {}

    /** It will not be taken while this process runs: larger than the producer's own limit. */
    record Never(String reason) implements Fate {}
  }
}
