package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.Sending.Outcome;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes with two producers: one for records that may be repeated, and one for those that must
 * not be, see {@link OncePublishing}.
 *
 * <p>The first kind goes first. What hinders it keeps the second from being tried, which nobody
 * could call back.
 */
public final class KafkaPublisher implements Publisher, AutoCloseable {
  /** A record that Kafka has not confirmed by then is not published now. */
  private static final Duration DELIVERY = Duration.ofSeconds(15);

  /** The client keeps its own time; this bounds a call even if the client should not. */
  private static final Duration OVERTIME = Duration.ofSeconds(5);

  /** For each of the two producers. */
  private static final Duration CLOSING = Duration.ofMillis(500);

  private static final Fate ACKNOWLEDGED = new Fate.Acknowledged();

  private final Duration longestCall;
  private final PublishFailures failures;
  private final ProducerSlot repeating;
  private final OncePublishing once;
  private final ReplicaCheck replicas;
  private final HostClock.Listening hostClock;

  /** Publishes to the cluster of retries and dead letters. */
  public KafkaPublisher(KafkaSettings kafka, HostClock hostClock) {
    this(kafka.producerCluster(), kafka, hostClock);
  }

  /** Publishes to another cluster, with the same limits. */
  public KafkaPublisher(KafkaClusterSettings cluster, KafkaSettings kafka, HostClock hostClock) {
    this(cluster, kafka, DELIVERY, hostClock);
  }

  KafkaPublisher(
      KafkaClusterSettings cluster, KafkaSettings kafka, Duration delivery, HostClock hostClock) {
    Supplier<Producer<byte[], byte[]>> opening =
        () -> new KafkaProducer<>(KafkaClientProperties.producer(cluster, kafka, delivery));
    this.longestCall = delivery.plus(OVERTIME);
    this.failures = new PublishFailures(cluster);
    this.replicas = new ReplicaCheck(cluster, failures);
    this.repeating = new ProducerSlot(opening);
    this.once = new OncePublishing(new ProducerSlot(opening), failures, longestCall);
    this.hostClock = hostClock.whenSetBack(this::takeNewClients);
  }

  private void takeNewClients() {
    repeating.renew();
    once.renew();
    replicas.renew();
  }

  @Override
  public List<Fate> publish(String topic, List<OutgoingRecord> records) {
    Fate[] fates = new Fate[records.size()];
    publish(topic, records, Delivery.AT_LEAST_ONCE, fates);
    publish(topic, records, Delivery.AT_MOST_ONCE, fates);
    return Arrays.asList(fates);
  }

  /** Publishes the records of one kind, and puts down their fates. */
  private void publish(
      String topic, List<OutgoingRecord> records, Delivery delivery, Fate[] fates) {
    List<Integer> places = new ArrayList<>(records.size());
    List<OutgoingRecord> some = new ArrayList<>(records.size());
    for (int i = 0; i < records.size(); i++) {
      if (records.get(i).delivery() == delivery) {
        places.add(i);
        some.add(records.get(i));
      }
    }
    if (some.isEmpty()) {
      return;
    }
    List<Fate> theirs =
        switch (delivery) {
          case AT_LEAST_ONCE -> repeating(topic, some);
          case AT_MOST_ONCE -> {
            Fate obstacle = obstacle(fates);
            Fate hindrance = obstacle == null ? replicas.obstacle(topic).orElse(null) : obstacle;
            yield hindrance == null
                ? once.publish(topic, some)
                : Collections.nCopies(some.size(), hindrance);
          }
        };
    for (int i = 0; i < places.size(); i++) {
      fates[places.get(i)] = theirs.get(i);
    }
  }

  /** Why records to this topic cannot be published now, as far as is known. */
  private static @Nullable Fate obstacle(@Nullable Fate[] fates) {
    for (Fate fate : fates) {
      if (fate instanceof Fate.NotNow) {
        return fate;
      }
      if (fate instanceof Fate.Unknown(String reason, String remedy)) {
        return new Fate.NotNow(reason, remedy);
      }
    }
    return null;
  }

  private List<Fate> repeating(String topic, List<OutgoingRecord> records) {
    ProducerSlot.Use use;
    try {
      use = repeating.begin();
    } catch (RuntimeException e) { // the client says in many ways that it cannot be constructed
      return Collections.nCopies(records.size(), failures.ofNotHandedOver(topic, e));
    }
    try {
      List<Outcome> outcomes = Sending.of(use.producer(), topic, records).await(longestCall);
      List<Fate> fates = new ArrayList<>(outcomes.size());
      for (Outcome outcome : outcomes) {
        fates.add(fate(topic, outcome, use));
      }
      return fates;
    } finally {
      repeating.end(use);
    }
  }

  private Fate fate(String topic, Outcome outcome, ProducerSlot.Use use) {
    return switch (outcome) {
      case Outcome.Written _ -> ACKNOWLEDGED;
      case Outcome.NotHandedOver(Throwable failure) -> {
        giveUp(use, failure);
        yield failures.ofNotHandedOver(topic, failure);
      }
      case Outcome.Failed(Throwable failure) -> {
        giveUp(use, failure);
        yield failures.ofFailed(topic, failure);
      }
      case Outcome.Unanswered _ -> new Fate.NotNow("Kafka has not answered");
    };
  }

  private static void giveUp(ProducerSlot.Use use, Throwable failure) {
    if (!PublishFailures.leavesProducerUsable(failure)) {
      use.giveUp(failure);
    }
  }

  /** Gives records that are under way a second; what is not confirmed by then is aborted. */
  @Override
  public void close() {
    hostClock.close();
    once.close(CLOSING);
    replicas.close();
    repeating.close(CLOSING);
  }
}
