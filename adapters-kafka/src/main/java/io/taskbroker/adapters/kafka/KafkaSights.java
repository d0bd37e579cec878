package io.taskbroker.adapters.kafka;

import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.application.operations.TopicsInSight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * Describes the declared topics, each by its cluster. Connections are opened when they are first
 * needed, and kept. It has no part in reading: a cluster that does not answer here costs whoever
 * looks some seconds, and nobody else.
 */
public final class KafkaSights implements TopicsInSight, AutoCloseable {
  /** Somebody waits for it, with a page open. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final KafkaSettings kafka;
  private final Duration patience;
  private final Map<KafkaClusterSettings, Admin> admins = new ConcurrentHashMap<>();
  private volatile boolean isClosed;

  public KafkaSights(KafkaSettings kafka) {
    this(kafka, PATIENCE);
  }

  /**
   * @param patience how long one question may take; there are two, one after the other
   */
  KafkaSights(KafkaSettings kafka, Duration patience) {
    this.kafka = kafka;
    this.patience = patience;
  }

  @Override
  public synchronized List<TopicSight> look() {
    List<TopicQuestion> questions = new ArrayList<>();
    for (KafkaTopicSettings topic : kafka.topics()) {
      questions.add(question(topic));
    }
    questions.forEach(TopicQuestion::askForEnds);
    return questions.stream().map(TopicQuestion::answer).toList();
  }

  private TopicQuestion question(KafkaTopicSettings topic) {
    try {
      return TopicQuestion.ask(connected(topic.cluster()), topic);
    } catch (KafkaException e) { // of an address that is no address, for one
      return TopicQuestion.unasked(topic, e);
    }
  }

  private Admin connected(KafkaClusterSettings asked) {
    Admin admin =
        admins.computeIfAbsent(
            asked, cluster -> Admin.create(KafkaClientProperties.admin(cluster, patience)));
    if (isClosed) { // meanwhile, perhaps by somebody who did not see this one
      close();
      throw new KafkaException("the broker stops");
    }
    return admin;
  }

  /** A look that is under way ends at once, with what it knows. Later ones find nothing. */
  @Override
  public void close() {
    isClosed = true;
    reconnect();
  }

  /** A look that is under way ends at once; the next one makes new connections. */
  public void reconnect() {
    admins
        .values()
        .removeIf(
            admin -> {
              admin.close(Duration.ZERO);
              return true;
            });
  }
}
