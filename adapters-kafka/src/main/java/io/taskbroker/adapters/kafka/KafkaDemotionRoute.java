package io.taskbroker.adapters.kafka;

import io.taskbroker.application.rules.DemotionRoute;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.rules.Demotion;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Demoted activations go to a topic of any Kafka cluster, which is spoken to as the dead-letter
 * topic's cluster wants to be.
 *
 * <p>Each cluster's publisher is made when it is first named, and kept.
 */
public final class KafkaDemotionRoute implements DemotionRoute, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::producer");

  private final KafkaSettings kafka;
  private final Publisher own;
  private final Map<String, KafkaPublisher> others = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * @param own publishes to the dead-letter topic's cluster; whoever brought it closes it
   */
  public KafkaDemotionRoute(KafkaSettings kafka, Publisher own) {
    this.kafka = kafka;
    this.own = own;
  }

  @Override
  public String topic(Demotion demotion) {
    String topic = demotion.topic();
    return topic == null ? kafka.longTopic() : topic;
  }

  @Override
  public Publisher publisher(Demotion demotion) {
    String address = address(demotion);
    if (address.equals(kafka.producerCluster().address())) {
      return own;
    }
    KafkaPublisher publisher = others.computeIfAbsent(address, this::publisher);
    if (closed) {
      publisher.close();
    }
    return publisher;
  }

  @Override
  public boolean returnsHere(Demotion demotion) {
    String topic = topic(demotion);
    String address = address(demotion);
    return kafka.consumableTopics().stream()
        .anyMatch(ours -> ours.name().equals(topic) && ours.cluster().address().equals(address));
  }

  /** As {@link KafkaPublisher#close}, for each cluster but the dead-letter topic's. */
  @Override
  public void close() {
    closed = true;
    others.values().forEach(KafkaPublisher::close);
  }

  private String address(Demotion demotion) {
    String address = demotion.cluster();
    return address == null ? kafka.producerCluster().address() : address;
  }

  private KafkaPublisher publisher(String address) {
    KafkaSecuritySettings security = kafka.producerCluster().security();
    if (!security.equals(KafkaSecuritySettings.NONE)) {
      LOG.warn(
          "Demoted activations go to {}, which is spoken to with the security settings of the"
              + " dead-letter topic's cluster, {}",
          address,
          kafka.producerCluster().address());
    }
    return new KafkaPublisher(new KafkaClusterSettings("demoted", address, security), kafka);
  }
}
