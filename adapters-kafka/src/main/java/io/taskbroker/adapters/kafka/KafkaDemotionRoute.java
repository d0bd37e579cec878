package io.taskbroker.adapters.kafka;

import io.taskbroker.application.rules.DemotionRoute;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.rules.Demotion;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Demoted activations go to a topic of any Kafka cluster, which is spoken to as the dead-letter
 * topic's cluster wants to be.
 *
 * <p>A cluster's publisher is made when it is first named, and closed when another one is: rules
 * come and go for as long as the broker runs. One publishes at a time, to the cluster that it has
 * asked for last.
 */
public final class KafkaDemotionRoute implements DemotionRoute, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::producer");

  private final KafkaSettings kafka;
  private final Publisher own;
  private final ReentrantLock lock = new ReentrantLock();

  private final HostClock hostClock;

  /** To the cluster that was named last, if that is not the dead-letter topic's. */
  private @Nullable Elsewhere elsewhere;

  private boolean closed;

  private record Elsewhere(String address, KafkaPublisher publisher) {}

  /**
   * @param own publishes to the dead-letter topic's cluster; whoever brought it closes it
   * @param hostClock tells when clients have to be replaced
   */
  public KafkaDemotionRoute(KafkaSettings kafka, Publisher own, HostClock hostClock) {
    this.kafka = kafka;
    this.own = own;
    this.hostClock = hostClock;
  }

  @Override
  public String topic(Demotion demotion) {
    String topic = demotion.topic();
    return topic == null ? kafka.longTopic() : topic;
  }

  @Override
  public Publisher publisher(Demotion demotion) {
    String address = address(demotion);
    lock.lock();
    try {
      Elsewhere named = elsewhere;
      if (named != null && named.address().equals(address)) {
        return named.publisher();
      }
      closeElsewhere();
      if (address.equals(kafka.producerCluster().address())) {
        return own;
      }
      KafkaPublisher publisher = publisher(address);
      elsewhere = new Elsewhere(address, publisher);
      if (closed) {
        publisher.close();
      }
      return publisher;
    } finally {
      lock.unlock();
    }
  }

  private void closeElsewhere() {
    if (elsewhere != null) {
      elsewhere.publisher().close();
      elsewhere = null;
    }
  }

  @Override
  public boolean returnsHere(Demotion demotion) {
    String topic = topic(demotion);
    var cluster =
        new KafkaClusterSettings("demoted", address(demotion), KafkaSecuritySettings.NONE);
    return kafka.consumableTopics().stream()
        .anyMatch(ours -> ours.name().equals(topic) && ours.cluster().sharesServerWith(cluster));
  }

  /** As {@link KafkaPublisher#close}, for a cluster that is not the dead-letter topic's. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closeElsewhere();
    } finally {
      lock.unlock();
    }
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
    return new KafkaPublisher(
        new KafkaClusterSettings("demoted", address, security), kafka, hostClock);
  }
}
