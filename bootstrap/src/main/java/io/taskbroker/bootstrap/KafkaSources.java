package io.taskbroker.bootstrap;

import io.taskbroker.adapters.kafka.HostClock;
import io.taskbroker.adapters.kafka.KafkaIntake;
import io.taskbroker.adapters.kafka.KafkaSettings;
import io.taskbroker.adapters.kafka.KafkaTopicCheck;
import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.kafka.KafkaTopics;
import io.taskbroker.adapters.kafka.ReadLimits;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.domain.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The declared topics: read, looked after, or created. */
final class KafkaSources implements AutoCloseable {
  private final KafkaSettings kafka;
  private final Broker broker;
  private final TimeSource time;
  private final HostClock hostClock;
  private final Shutdown shutdown;
  private final ReadLimits limits;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<KafkaIntake> intakes = new CopyOnWriteArrayList<>();

  /**
   * @param deliverableBytes larger tasks are delivered to nobody
   */
  KafkaSources(
      KafkaSettings kafka,
      int deliverableBytes,
      Broker broker,
      TimeSource time,
      HostClock hostClock,
      Shutdown shutdown) {
    this.kafka = kafka;
    this.limits =
        ReadLimits.of(
            Runtime.getRuntime().maxMemory(), kafka.consumableTopics().size(), deliverableBytes);
    this.broker = broker;
    this.time = time;
    this.hostClock = hostClock;
    this.shutdown = shutdown;
  }

  /** Begins in the background, whether Kafka is there or not. */
  void start() {
    broker.health().needs(this::nothingToRead);
    if (kafka.createMissingTopics()) {
      open.add(KafkaTopics.createMissing(kafka, broker.stalls(), shutdown::fail));
    }
    for (KafkaTopicSettings topic : kafka.topics()) {
      switch (topic.use()) {
        case CONSUMED -> {
          KafkaIntake intake = intake(topic).start();
          intakes.add(intake);
          open.add(intake);
        }
        case CONSUMER_DISABLED -> open.add(KafkaTopicCheck.start(topic, broker.stalls()));
        case PRODUCE_ONLY -> {}
      }
    }
  }

  /** Why nothing at all can be read, if none of the topics has existed since the start. */
  private Optional<String> nothingToRead() {
    List<String> absences =
        intakes.stream().map(KafkaIntake::absence).flatMap(Optional::stream).toList();
    return absences.size() < intakes.size() ? Optional.empty() : absences.stream().findFirst();
  }

  private KafkaIntake intake(KafkaTopicSettings topic) {
    String name = "intake-" + topic.name();
    return new KafkaIntake(
        topic,
        limits,
        broker.intake(topic.name()),
        broker.stalls(),
        time,
        hostClock,
        broker.health().watch(new Heartbeat(name, time, KafkaIntake.LONGEST_TURN)),
        crash -> shutdown.fail("Intake of topic '" + topic.name() + "'", crash));
  }

  /** Ends all at once, since each may have to wait for Kafka. */
  @Override
  public void close() {
    Together.close(open);
  }
}
