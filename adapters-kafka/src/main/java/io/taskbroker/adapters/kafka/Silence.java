package io.taskbroker.adapters.kafka;

import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long nothing has come of one partition, and what Kafka says of that. Used by one thread at a
 * time.
 */
final class Silence {
  /** After this time Kafka is asked. */
  private static final Duration LONG = Duration.ofSeconds(2);

  /** How long a reason lasts before it is said, counted from the question that brought it up. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** How many answers in a row have to give a reason before it is said. */
  private static final int CONFIRMATIONS = 2;

  private final long position;
  private final Moment since;
  private Duration length = Duration.ZERO;
  private Duration lengthWhenAsked = Duration.ZERO;
  private @Nullable Reason reason;

  /**
   * @param said what Kafka said last
   * @param times how many answers in a row said such a thing
   * @param after how long the silence was when Kafka was asked for the first of them
   * @param answersBefore how many answers with records each node had given by then
   */
  private record Reason(
      PartitionAnswer said, int times, Duration after, Map<String, Long> answersBefore) {}

  /**
   * @param position offset at which reading stands; -1 where it is not known
   */
  Silence(long position, Moment since) {
    this.position = position;
    this.since = since;
  }

  /** Whether it is about this position. */
  boolean isAt(long position) {
    return this.position == position;
  }

  /** It lasts longer by so much, in which something could have come. */
  void lasts(Duration step) {
    length = length.plus(step);
  }

  /** Whether Kafka is to be asked. */
  boolean isLong() {
    return length.compareTo(LONG) >= 0;
  }

  /** Kafka is asked now. */
  void asked() {
    lengthWhenAsked = length;
  }

  /**
   * Kafka has answered.
   *
   * @param answers with records that each node has given so far
   */
  void judge(PartitionAnswer said, Moment askedAt, Map<String, Long> answers) {
    if (askedAt.isBefore(since)) { // of an earlier silence
      return;
    }
    Reason known = reason;
    if (isAllRead(said)) {
      reason = null;
    } else if (known == null) {
      reason = new Reason(said, 1, lengthWhenAsked, Map.copyOf(answers));
    } else {
      reason = new Reason(said, known.times() + 1, known.after(), known.answersBefore());
    }
  }

  private boolean isAllRead(PartitionAnswer said) {
    return switch (said) {
      case PartitionAnswer.NoLeader _, PartitionAnswer.NoEnd _ -> false;
      case PartitionAnswer.LeftOut _ -> false;
      case PartitionAnswer.End(String _, long end) -> position < 0 || position >= end;
    };
  }

  /** Whether there is a reason, and it has lasted long enough to be said. */
  boolean isToBeSaid() {
    Reason known = reason;
    return known != null
        && known.times() >= CONFIRMATIONS
        && length.minus(known.after()).compareTo(PATIENCE) >= 0;
  }

  /**
   * Since the reason is known: how many answers with records have come from the node that gave
   * most. A partition with records has its turn in as many answers as there are partitions; none
   * before the reason is known.
   */
  long turns(Map<String, Long> answers) {
    Reason known = reason;
    if (known == null) {
      return 0;
    }
    return answers.entrySet().stream()
        .mapToLong(node -> node.getValue() - known.answersBefore().getOrDefault(node.getKey(), 0L))
        .max()
        .orElse(0);
  }

  long position() {
    return position;
  }

  /** In words for an operator, once there is a reason. */
  KafkaFailure words(int partition, PartitionLines lines) {
    String topic = lines.topic();
    return switch (reason) {
      case null -> throw new IllegalStateException("no reason is known");
      case Reason(PartitionAnswer.NoLeader _, var _, var _, var _) ->
          new KafkaFailure(
              "it has no leader at Kafka, so nobody can read it or write to it; " + stands(),
              "Bring back the Kafka brokers that hold it: kafka-topics.sh --describe --topic %s"
                      .formatted(topic)
                  + " --unavailable-partitions names them. If they are lost for good,"
                  + " kafka-leader-election.sh --election-type unclean --topic %s --partition %d"
                      .formatted(topic, partition)
                  + " makes a replica lead that may lack the last records");
      case Reason(PartitionAnswer.NoEnd(String leader), var _, var _, var _) ->
          new KafkaFailure(
              "its leader, %s, does not answer; %s".formatted(leader, stands()),
              "See that this Kafka broker runs, and that the address which it advertises can be"
                  + " reached from here");
      case Reason(PartitionAnswer.LeftOut(String leader, long end), var _, var _, var _) ->
          lines.damage(
              partition,
              position,
              ("%s leaves it out of its answers, though it has records up to offset %d: the length"
                      + " of its batch is wrong on Kafka's disk, and kafka-dump-log.sh shows where")
                  .formatted(leader, end));
      case Reason(PartitionAnswer.End(String leader, long end), var _, var _, var _) ->
          new KafkaFailure(
              "Kafka answers, but nothing of it comes although it has more, up to offset %d at %s; %s"
                  .formatted(end, leader, stands()),
              "See whether Kafka throttles this client (quota consumer_byte_rate), and what the"
                  + " log of that Kafka broker says of the partition. If neither explains it,"
                  + " restart this broker, which begins its connections anew, and report it");
    };
  }

  private String stands() {
    Instant when = Instant.ofEpochMilli(since.wallMs()).truncatedTo(ChronoUnit.SECONDS);
    return position < 0
        ? "where reading begins is not known since %s".formatted(when)
        : "it is read up to offset %d since %s".formatted(position, when);
  }
}
