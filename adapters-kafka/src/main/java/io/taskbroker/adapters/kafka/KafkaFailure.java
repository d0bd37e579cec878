package io.taskbroker.adapters.kafka;

import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.NotEnoughReplicasAfterAppendException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * What the Kafka client threw, in words for an operator.
 *
 * @param reason what is wrong
 * @param remedy what to do about it
 */
record KafkaFailure(String reason, String remedy) {
  private static final int DEEPEST_CAUSE = 10;

  /** Explains what went wrong around one topic. */
  static KafkaFailure of(Throwable thrown, KafkaTopicSettings topic) {
    Throwable failure = cause(thrown);
    return switch (failure) {
      case GroupAuthorizationException _ ->
          new KafkaFailure(
              "Kafka does not let us join consumer group '%s'".formatted(topic.consumerGroup()),
              "Grant READ on the group to the user of cluster '%s'"
                  .formatted(topic.cluster().name()));
      case InvalidOffsetException _ ->
          new KafkaFailure(
              "group '%s' has no valid position in it, and auto_offset_reset is 'error'"
                  .formatted(topic.consumerGroup()),
              "Set the group's position with Kafka's tools, or auto_offset_reset to 'earliest'");
      case InvalidSessionTimeoutException _ ->
          new KafkaFailure(
              "Kafka does not allow a session timeout of %d ms"
                  .formatted(topic.sessionTimeout().toMillis()),
              "Set session_timeout_ms between Kafka's group.min.session.timeout.ms and"
                  + " group.max.session.timeout.ms");
      case InconsistentGroupProtocolException _ ->
          new KafkaFailure(
              "the other members of group '%s' use another way of assignment"
                  .formatted(topic.consumerGroup()),
              "Use a group of its own, or members with the range or roundrobin assignor");
      default -> of(thrown, topic.cluster(), "topic '" + topic.name() + "'");
    };
  }

  /**
   * Explains what went wrong with a cluster.
   *
   * @param resource what was asked for, for example {@code topic 'tasks'}
   */
  static KafkaFailure of(Throwable thrown, KafkaClusterSettings cluster, String resource) {
    Throwable failure = cause(thrown);
    return switch (failure) {
      case UnknownTopicOrPartitionException _ -> missing(cluster, resource);
      case InvalidTopicException _ ->
          new KafkaFailure(
              "%s has no valid name".formatted(resource), "Correct it in the configuration");
      case AuthorizationException _ ->
          new KafkaFailure(
              "Kafka denies access to %s (%s)".formatted(resource, said(failure)),
              "Grant it to the user of cluster '%s'".formatted(cluster.name()));
      case AuthenticationException _ ->
          new KafkaFailure(
              "Kafka at %s refuses the connection (%s)".formatted(cluster.address(), said(failure)),
              "Check security_protocol, sasl_* and ssl_* of cluster '%s'"
                  .formatted(cluster.name()));
      case InvalidTimestampException _ ->
          new KafkaFailure(
              "Kafka does not accept the time at which a record was sent to %s (%s)"
                  .formatted(resource, said(failure)),
              "Compare the clocks of this host and of Kafka, and see what the topic's"
                  + " message.timestamp.before.max.ms and message.timestamp.after.max.ms allow");
      case NotEnoughReplicasException _, NotEnoughReplicasAfterAppendException _ ->
          new KafkaFailure(
              "%s has fewer replicas in sync than it demands".formatted(resource),
              "Bring the missing Kafka brokers back, or lower the topic's min.insync.replicas");
      case TimeoutException _, DisconnectException _, NetworkException _ -> unreachable(cluster);
      case ConfigException e when isUnresolved(e) ->
          new KafkaFailure(
              "no host of the address %s can be resolved".formatted(cluster.address()),
              "Check the address of cluster '%s' and the name service".formatted(cluster.name()));
      case ConfigException _ ->
          new KafkaFailure(
              String.valueOf(failure.getMessage()),
              "Correct the settings of cluster '%s'".formatted(cluster.name()));
      default ->
          new KafkaFailure(failure.toString(), "If it stays so, see what Kafka's own log says");
    };
  }

  private static KafkaFailure missing(KafkaClusterSettings cluster, String resource) {
    return new KafkaFailure(
        "%s does not exist at %s".formatted(resource, cluster.address()),
        "Create it, or start the broker with create_missing_topics: true");
  }

  static KafkaFailure unreachable(KafkaClusterSettings cluster) {
    return new KafkaFailure(
        "Kafka at %s does not answer".formatted(cluster.address()),
        "Check that it runs, that its address and those it advertises can be reached, and that"
            + " security_protocol of cluster '%s' is what it expects there"
                .formatted(cluster.name()));
  }

  /** Nothing failed, and yet the group does not give us our share. */
  static KafkaFailure notLetIn(KafkaTopicSettings topic) {
    return new KafkaFailure(
        "group '%s' has not let this broker in".formatted(topic.consumerGroup()),
        "The group waits for a member that does not answer. One that was killed, or ended without"
            + " leaving, is waited for until its session ends (%d s if it was one of ours:"
                .formatted(topic.sessionTimeout().toSeconds())
            + " session_timeout_ms); then reading goes on by itself. One that hangs, and a Kafka"
            + " that cannot keep the groups' positions (topic __consumer_offsets), have to be"
            + " mended: see kafka-consumer-groups.sh --describe --members --group "
            + topic.consumerGroup());
  }

  /** The group has given us a share, and Kafka does not say where its reading begins. */
  static KafkaFailure notBegun(KafkaTopicSettings topic) {
    return new KafkaFailure(
        "Kafka does not say where group '%s' stands in it".formatted(topic.consumerGroup()),
        "See that the partitions of topic __consumer_offsets have a leader that can be reached from"
            + " here: kafka-topics.sh --describe --unavailable-partitions lists those that have"
            + " none");
  }

  /** What lies under the client's wrappers, which only say what was attempted. */
  static Throwable cause(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; depth < DEEPEST_CAUSE; depth++) {
      Throwable next = cause.getCause();
      if (next == null || !isWrapper(cause)) {
        return cause;
      }
      cause = next;
    }
    return cause;
  }

  /** The message, and that of what lies deepest: "handshake failed" alone helps nobody. */
  private static String said(Throwable failure) {
    Throwable deepest = failure;
    for (int depth = 0; depth < DEEPEST_CAUSE; depth++) {
      Throwable next = deepest.getCause();
      if (next == null) {
        break;
      }
      deepest = next;
    }
    return deepest == failure
        ? String.valueOf(failure.getMessage())
        : failure.getMessage() + ": " + deepest.getMessage();
  }

  private static boolean isWrapper(Throwable thrown) {
    return thrown.getClass() == KafkaException.class
        || thrown instanceof ExecutionException
        || (thrown instanceof TimeoutException && thrown.getCause() instanceof KafkaException);
  }

  private static boolean isUnresolved(ConfigException e) {
    return String.valueOf(e.getMessage()).contains("No resolvable bootstrap");
  }
}
