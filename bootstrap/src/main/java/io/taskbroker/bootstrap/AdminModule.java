package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.http.admin.ShownSetting;
import io.taskbroker.adapters.http.admin.Surroundings;
import io.taskbroker.adapters.kafka.HostClock;
import io.taskbroker.adapters.kafka.KafkaDeadLetters;
import io.taskbroker.adapters.kafka.KafkaSettings;
import io.taskbroker.adapters.kafka.KafkaSights;
import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.protobuf.ProtobufLetters;
import io.taskbroker.adapters.protobuf.ReadableActivations;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.application.letters.Resending;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.bootstrap.logging.LiveLevels;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.Configuration;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Where operators ask and give orders. */
@Module
interface AdminModule {
  /** Empty if there is no admin API. Listens from the start. */
  @Provides
  @Singleton
  static Optional<AdminServer> server(
      BrokerConfig config, Broker broker, Surroundings around, TimeSource time) {
    return config.admin().map(settings -> AdminServer.start(settings, broker, around, time));
  }

  @Provides
  static Surroundings around(
      Configuration configuration,
      Optional<DeadLetterDesk> letters,
      KafkaSights topics,
      Optional<RulesFile> rules,
      TimeSource time) {
    return new Surroundings(
        letters,
        topics,
        () -> rules.map(RulesFile::origin).orElse(RulesOrigin.NONE),
        configuration.lines().stream()
            .map(
                line ->
                    new ShownSetting(
                        line.section(),
                        line.key(),
                        line.value(),
                        line.fallback(),
                        line.isGiven(),
                        line.origin(),
                        line.meaning()))
            .toList(),
        new LiveLevels(configuration.log(), time),
        new ReadableActivations(),
        Version.text());
  }

  /** Connects when it is first asked. */
  @Provides
  @Singleton
  static KafkaSights topics(BrokerConfig config, HostClock hostClock) {
    KafkaSights sights = new KafkaSights(config.kafka());
    var _ = hostClock.whenSetBack(sights::reconnect);
    return sights;
  }

  /** Empty if there is no admin API. Connects when it is first asked. */
  @Provides
  @Singleton
  static Optional<DeadLetterDesk> letters(
      BrokerConfig config, Broker broker, TimeSource time, HostClock hostClock) {
    KafkaSettings kafka = config.kafka();
    return config
        .admin()
        .map(
            _ ->
                new DeadLetterDesk(
                    deadLetters(kafka, hostClock),
                    new Resending(
                        kafka.deadletterTopic().name(),
                        targets(kafka, config.rawTopics().keySet()),
                        kafka.retryTopic().name(),
                        new ProtobufLetters()),
                    broker.operations(),
                    time,
                    SystemThreads.INSTANCE));
  }

  private static KafkaDeadLetters deadLetters(KafkaSettings kafka, HostClock hostClock) {
    KafkaDeadLetters deadLetters = new KafkaDeadLetters(kafka);
    var _ = hostClock.whenSetBack(deadLetters::reconnect);
    return deadLetters;
  }

  /**
   * Where tasks go that are sent again: back, if that is in the cluster of the dead letters, since
   * no transaction spans two; to the topic of retries, if what they came from takes no tasks.
   */
  static Map<String, String> targets(KafkaSettings kafka, Set<String> rawTopics) {
    Map<String, String> targets = new TreeMap<>();
    for (KafkaTopicSettings topic : kafka.topics()) {
      if (topic.cluster().isSameAs(kafka.producerCluster())
          && !topic.name().equals(kafka.deadletterTopic().name())) {
        boolean isRaw = rawTopics.contains(topic.name());
        targets.put(topic.name(), isRaw ? kafka.retryTopic().name() : topic.name());
      }
    }
    return targets;
  }
}
