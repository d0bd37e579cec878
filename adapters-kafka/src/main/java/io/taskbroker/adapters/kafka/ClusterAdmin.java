package io.taskbroker.adapters.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;

/**
 * A connection to one cluster for a few questions about topics. Each call blocks, for a bounded
 * time.
 */
final class ClusterAdmin implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A topic has as many copies as the reference gives it. */
  private static final short REPLICATION = 1;

  private final Admin admin;

  /**
   * Opens the connection.
   *
   * @throws KafkaException if no host of the address can be resolved, or a PEM file is wrong
   */
  static ClusterAdmin open(KafkaClusterSettings cluster) {
    return new ClusterAdmin(Admin.create(KafkaClientProperties.admin(cluster, PATIENCE)));
  }

  private ClusterAdmin(Admin admin) {
    this.admin = admin;
  }

  /** What keeps topics from being described: nothing for those that exist, which are left out. */
  Map<String, Throwable> absent(Collection<String> topics) {
    return failures(
        topics.isEmpty() ? Map.of() : admin.describeTopics(List.copyOf(topics)).topicNameValues());
  }

  /** What kept topics from being created: those that were created are left out. */
  Map<String, Throwable> create(Collection<String> topics, int partitions) {
    return failures(
        topics.isEmpty()
            ? Map.of()
            : admin
                .createTopics(
                    topics.stream()
                        .map(topic -> new NewTopic(topic, partitions, REPLICATION))
                        .collect(Collectors.toList()))
                .values());
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }

  private static Map<String, Throwable> failures(Map<String, ? extends KafkaFuture<?>> answers) {
    Map<String, Throwable> failures = new TreeMap<>();
    answers.forEach(
        (topic, answer) -> {
          try {
            answer.get();
          } catch (ExecutionException e) {
            failures.put(topic, KafkaFailure.cause(e));
          } catch (InterruptedException e) {
            throw new InterruptException(e);
          }
        });
    return failures;
  }
}
