package io.taskbroker.adapters.kafka;

import io.taskbroker.application.upkeep.Publisher.Fate;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;

/**
 * What each failure of Kafka's producer says of a record.
 *
 * <p>Final for the record is only what the client itself refuses before it asks Kafka: a record
 * above the producer's own limit, or one that cannot be written as bytes. What Kafka refuses about
 * one record follows from the topic's settings, a policy or a validation, each of which an operator
 * can change. All else concerns the topic or the way to it, so every record waits: a missing topic,
 * permissions, time-outs, too few replicas, a clock that is wrong, an invalid topic name. One typo
 * would otherwise park every record of its lane.
 */
final class PublishFailures {
  /** How the client tells of records that shared a batch with an invalid one. */
  private static final String BESIDE_AN_INVALID_ONE = "Failed to append record because it was part";

  private final KafkaClusterSettings cluster;

  PublishFailures(KafkaClusterSettings cluster) {
    this.cluster = cluster;
  }

  /** The fate of a record that the producer refused to take over: it was certainly not sent. */
  Fate ofNotHandedOver(String topic, Throwable failure) {
    Throwable cause = KafkaFailure.cause(failure);
    return switch (cause) {
      case RecordTooLargeException _, SerializationException _ ->
          new Fate.Never(String.valueOf(cause.getMessage()));
      default -> ofFailed(topic, failure);
    };
  }

  /** The fate of a record that the producer gave up, if it is not in its topic. */
  Fate ofFailed(String topic, Throwable failure) {
    Throwable cause = KafkaFailure.cause(failure);
    if (isRefusedByItself(cause)) {
      return new Fate.Refused(String.valueOf(cause.getMessage()));
    }
    KafkaFailure explained = KafkaFailure.of(cause, cluster, "topic '" + topic + "'");
    return new Fate.NotNow(explained.reason(), explained.remedy());
  }

  /** The fate of a record that may or may not be in its topic. */
  Fate.Unknown ofUnknown(String topic, Throwable failure) {
    KafkaFailure explained = KafkaFailure.of(failure, cluster, "topic '" + topic + "'");
    return new Fate.Unknown(explained.reason(), explained.remedy());
  }

  /** Whether another record, to the same topic and now, may fare better. */
  static boolean concernsOneRecord(Throwable failure) {
    Throwable cause = KafkaFailure.cause(failure);
    return cause instanceof SerializationException || isRefusedByItself(cause);
  }

  private static boolean isRefusedByItself(Throwable cause) {
    return cause instanceof RecordTooLargeException
        || cause instanceof RecordBatchTooLargeException
        || cause instanceof InvalidRecordException
        || cause instanceof InvalidRequestException
        || cause instanceof PolicyViolationException;
  }

  /**
   * Whether Kafka answers this only before it writes anything, so that a record whose first request
   * got this answer is not in its topic.
   *
   * <p>Left out on purpose: a leader that is none any more, a time-out, too few replicas after the
   * record was appended, a damaged log and an unknown error may each follow on a written record.
   */
  static boolean isRefusalBeforeWriting(Throwable failure) {
    Throwable cause = KafkaFailure.cause(failure);
    return switch (cause) {
      case RecordTooLargeException _, RecordBatchTooLargeException _ -> true;
      case InvalidRecordException _, InvalidTimestampException _, CorruptRecordException _ -> true;
      case UnsupportedForMessageFormatException _, UnsupportedCompressionTypeException _ -> true;
      case TopicAuthorizationException _, InvalidTopicException _ -> true;
      case PolicyViolationException _, NotEnoughReplicasException _ -> true;
      default -> isBesideAnInvalidOne(cause);
    };
  }

  /** Whether the same producer may succeed later. */
  static boolean leavesProducerUsable(Throwable failure) {
    Throwable cause = KafkaFailure.cause(failure);
    return cause instanceof RetriableException
        || (cause instanceof AuthorizationException
            && !(cause instanceof ClusterAuthorizationException))
        || cause instanceof InvalidTopicException
        || cause instanceof InvalidTimestampException
        || cause instanceof UnsupportedForMessageFormatException
        || cause instanceof UnsupportedCompressionTypeException
        || cause instanceof InterruptException
        || concernsOneRecord(cause)
        || isBesideAnInvalidOne(cause);
  }

  private static boolean isBesideAnInvalidOne(Throwable cause) {
    return cause.getClass() == KafkaException.class
        && String.valueOf(cause.getMessage()).startsWith(BESIDE_AN_INVALID_ONE);
  }
}
