package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.SilentPartitions.Answer;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a cluster who leads partitions of a topic and where they end, over connections of its own
 * and beside the thread that reads: a consumer that has come to a standstill is no witness of
 * itself. The connections begin with the first question.
 *
 * <p>One question at a time. For the thread that reads, which never waits for an answer.
 */
final class PartitionQuestions implements SilentPartitions.Questions {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  /** For each of the three requests of a question. A leader that takes longer does not answer. */
  private static final Duration PATIENCE = Duration.ofMillis(2_500);

  private final KafkaClusterSettings cluster;
  private final String topic;
  private final PartitionProbe probe;
  private final AtomicReference<@Nullable Answer> answer = new AtomicReference<>();
  private volatile @Nullable ClusterAdmin admin;
  private volatile boolean isOpen;
  private volatile boolean isClosed;

  PartitionQuestions(KafkaTopicSettings topic) {
    this.topic = topic.name();
    this.cluster = topic.cluster();
    this.probe = new PartitionProbe(topic, PATIENCE);
  }

  @Override
  public boolean ask(Map<Integer, Long> positions, Moment now) {
    if (isOpen || isClosed) {
      return false;
    }
    isOpen = true;
    SystemThreads.INSTANCE
        .job("partitions-" + topic, Threads.Kind.VIRTUAL, () -> ask(now, Map.copyOf(positions)))
        .start();
    return true;
  }

  @Override
  public @Nullable Answer take() {
    return answer.getAndSet(null);
  }

  private void ask(Moment now, Map<Integer, Long> positions) {
    try {
      var answers = new TreeMap<>(connected().leadersAndEnds(topic, positions.keySet()));
      readAgain(positions, answers);
      answer.set(new Answer(now, answers));
    } catch (KafkaException e) {
      LOG.debug("Kafka at {} does not say where partitions end", cluster.address(), e);
      disconnect(); // the next question begins with the name service
    } finally {
      isOpen = false;
    }
  }

  /** Whether somebody else is given more records where Kafka has some. */
  private void readAgain(Map<Integer, Long> positions, Map<Integer, PartitionAnswer> answers) {
    Map<Integer, Long> behind = new TreeMap<>(positions);
    behind
        .entrySet()
        .removeIf(
            one ->
                one.getValue() < 0
                    || !(answers.get(one.getKey()) instanceof PartitionAnswer.End end)
                    || end.end() <= one.getValue());
    if (!behind.isEmpty() && !isClosed) {
      Set<Integer> leftOut = leftOut(behind);
      answers.replaceAll(
          (partition, said) ->
              leftOut.contains(partition)
                      && said instanceof PartitionAnswer.End(var leader, var end)
                  ? new PartitionAnswer.LeftOut(leader, end)
                  : said);
    }
  }

  /** What was answered before counts also where Kafka does not let these be read. */
  private Set<Integer> leftOut(Map<Integer, Long> behind) {
    try {
      return probe.leftOut(behind);
    } catch (KafkaException e) {
      LOG.debug("Kafka at {} does not let {} be read again", cluster.address(), behind, e);
      return Set.of();
    }
  }

  private ClusterAdmin connected() {
    ClusterAdmin known = admin;
    if (known == null) {
      known = ClusterAdmin.open(cluster, PATIENCE);
      admin = known;
      if (isClosed) { // meanwhile, by somebody who saw none
        known.close();
      }
    }
    return known;
  }

  /** What is asked ends; the next question makes a new connection. For all threads. */
  void disconnect() {
    ClusterAdmin known = admin;
    admin = null;
    if (known != null) {
      known.close();
    }
  }

  @Override
  public void close() {
    isClosed = true;
    disconnect();
  }
}
