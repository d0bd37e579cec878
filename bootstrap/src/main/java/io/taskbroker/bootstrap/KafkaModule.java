package io.taskbroker.bootstrap;

import dagger.Binds;
import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.kafka.KafkaPublisher;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Singleton;

/** Where tasks come from, and where they leave to. */
@Module
interface KafkaModule {
  @Provides
  @Singleton
  static KafkaPublisher kafkaPublisher(BrokerConfig config) {
    return new KafkaPublisher(config.kafka());
  }

  @Binds
  Publisher publisher(KafkaPublisher publisher);

  @Provides
  @Singleton
  static KafkaSources sources(
      BrokerConfig config, Broker broker, TimeSource time, Shutdown shutdown) {
    return new KafkaSources(
        config.kafka(), config.activations().maxDeliverableBytes(), broker, time, shutdown);
  }
}
