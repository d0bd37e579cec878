package io.taskbroker.adapters.kafka;

import io.taskbroker.application.Stalls;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates declared topics that are missing, each on its own cluster, in the background.
 *
 * <p>What can pass (an unreachable cluster, a missing permission) is explained once and tried
 * again. What cannot (an invalid name, a number of partitions or copies that the cluster refuses)
 * is reported as a refusal.
 */
public final class KafkaTopics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::admin");

  /**
   * A cluster that is just starting has no broker for the copy yet, and says the same as "never".
   */
  private static final int REPLICATION_REFUSALS = 5;

  private final int partitions;
  private final Stalls stalls;
  private final Consumer<String> onRefusal;
  private final List<UntilDone> clusters = new ArrayList<>();

  /**
   * Begins at once; returns before anything is created.
   *
   * @param onRefusal told why, once for each topic that can never be created as configured; called
   *     from a thread in the background
   */
  public static KafkaTopics createMissing(
      KafkaSettings kafka, Stalls stalls, Consumer<String> onRefusal) {
    var topics = new KafkaTopics(kafka.partitionsOfNewTopics(), stalls, onRefusal);
    // By address, and by user: several users of one address may have different rights.
    Map<String, Map<KafkaSecuritySettings, List<KafkaTopicSettings>>> wanted = new TreeMap<>();
    for (KafkaTopicSettings topic : kafka.topics()) {
      wanted
          .computeIfAbsent(topic.cluster().address(), _ -> new LinkedHashMap<>())
          .computeIfAbsent(topic.cluster().security(), _ -> new ArrayList<>())
          .add(topic);
    }
    for (Map<KafkaSecuritySettings, List<KafkaTopicSettings>> users : wanted.values()) {
      users.values().forEach(its -> topics.begin(its, users.size() > 1));
    }
    return topics;
  }

  private KafkaTopics(int partitions, Stalls stalls, Consumer<String> onRefusal) {
    this.partitions = partitions;
    this.stalls = stalls;
    this.onRefusal = onRefusal;
  }

  /** Whether nothing is left to do, for good. */
  boolean areSettled() {
    return clusters.stream().allMatch(UntilDone::hasEnded);
  }

  @Override
  public void close() {
    clusters.forEach(UntilDone::close);
  }

  private void begin(List<KafkaTopicSettings> topics, boolean isShared) {
    KafkaClusterSettings cluster = topics.getFirst().cluster();
    String where =
        isShared
            ? "%s for cluster '%s'".formatted(cluster.address(), cluster.name())
            : cluster.address();
    var creation = new Creation(cluster, "creation of missing topics at " + where, topics);
    clusters.add(UntilDone.start("topics-" + cluster.name(), creation::attempt));
  }

  /** What is left to do on one cluster. Used by one thread. */
  private final class Creation {
    private final KafkaClusterSettings cluster;
    private final String what;
    private final Set<String> open = new TreeSet<>();
    private int replicationRefusals;

    Creation(KafkaClusterSettings cluster, String what, List<KafkaTopicSettings> topics) {
      this.cluster = cluster;
      this.what = what;
      topics.forEach(topic -> open.add(topic.name()));
    }

    /** Whether nothing is left to do. */
    boolean attempt() {
      try (var admin = ClusterAdmin.open(cluster)) {
        Map<String, Throwable> absent = admin.absent(open);
        open.retainAll(absent.keySet());
        Set<String> missing = new HashSet<>(open);
        missing.removeIf(topic -> !(absent.get(topic) instanceof UnknownTopicOrPartitionException));
        Map<String, Throwable> failed = new TreeMap<>(absent);
        failed.keySet().removeAll(missing);
        failed.putAll(admin.create(missing, partitions));
        missing.removeAll(failed.keySet());
        missing.forEach(topic -> LOG.info("Topic '{}' is created", topic));
        open.removeAll(missing);
        failed.forEach(this::judge);
      } catch (KafkaException e) {
        wait(KafkaFailure.of(e, cluster, "its topics"));
      }
      if (open.isEmpty()) {
        stalls.end(what);
      }
      return open.isEmpty();
    }

    private void judge(String topic, Throwable failure) {
      if (failure instanceof TopicExistsException) {
        open.remove(topic);
      } else if (isRefusal(failure)) {
        open.remove(topic);
        onRefusal.accept(
            "Kafka at %s refuses to create topic '%s': %s"
                .formatted(cluster.address(), topic, failure.getMessage()));
      } else {
        wait(KafkaFailure.of(failure, cluster, "topic '" + topic + "'"));
      }
    }

    private boolean isRefusal(Throwable failure) {
      return switch (failure) {
        case InvalidTopicException _, InvalidPartitionsException _, PolicyViolationException _ ->
            true;
        case InvalidReplicationFactorException _ -> ++replicationRefusals >= REPLICATION_REFUSALS;
        default -> false;
      };
    }

    private void wait(KafkaFailure failure) {
      stalls.begin(what, failure.reason(), failure.remedy());
    }
  }
}
