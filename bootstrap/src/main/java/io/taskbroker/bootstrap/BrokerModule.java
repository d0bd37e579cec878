package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.grpc.GrpcWorkers;
import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.application.Health;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.broker.BrokerPorts;
import io.taskbroker.application.broker.BrokerSettings;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.application.store.StoreOpener;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.Configuration;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the broker does, attached to the rest. */
@Module
interface BrokerModule {
  @Provides
  @Singleton
  static BrokerConfig config(Configuration configuration) {
    return configuration.settings();
  }

  @Provides
  static BrokerSettings settings(BrokerConfig config) {
    return new BrokerSettings(
        config.store().longestWait(),
        config.intake(),
        config.upkeep(),
        config.health(),
        config.kafka().consumableTopics().stream()
            .map(KafkaTopicSettings::name)
            .collect(Collectors.toSet()),
        config.kafka().retryTopic().name(),
        config.kafka().deadletterTopic().name());
  }

  @Provides
  static BrokerPorts ports(
      StoreOpener store,
      Publisher publisher,
      Function<String, ActivationDecoder> decoders,
      ActivationEncoder encoder,
      TimeSource time,
      Optional<PushPorts> push,
      Metrics metrics,
      Rulebook rulebook) {
    return new BrokerPorts(
        store,
        publisher,
        topic -> metrics.measured(topic, decoders.apply(topic)),
        encoder,
        time,
        SystemThreads.INSTANCE,
        metrics.broker(),
        rulebook,
        push);
  }

  @Provides
  static Canaries canaries(BrokerConfig config, TimeSource time) {
    return new Canaries(config, time);
  }

  @Provides
  @Singleton
  static Broker broker(
      BrokerSettings settings,
      BrokerPorts ports,
      Optional<Heartbeat> store,
      Optional<RulesFile> rules,
      Optional<GrpcWorkers> workers,
      Metrics metrics,
      Shutdown shutdown) {
    Broker broker = Broker.open(settings, ports);
    Health health = broker.health();
    store.ifPresent(health::watch);
    rules.map(RulesFile::heartbeat).ifPresent(health::watch);
    workers.map(GrpcWorkers::senderHeartbeats).ifPresent(all -> all.forEach(health::watch));
    workers.map(GrpcWorkers::lookUpHeartbeats).ifPresent(all -> all.forEach(health::remark));
    metrics.heartbeats().forEach(health::remark);
    var _ = broker.failure().thenAccept(cause -> shutdown.fail("The broker", cause));
    var _ = broker.draining().exit().thenAccept(_ -> shutdown.drained());
    return broker;
  }
}
