package io.taskbroker.bootstrap;

import dagger.Binds;
import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.kafka.HostClock;
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
  static HostClock hostClock(TimeSource time) {
    return new HostClock(time).start();
  }

  @Provides
  @Singleton
  static KafkaPublisher kafkaPublisher(BrokerConfig config, HostClock hostClock) {
    return new KafkaPublisher(config.kafka(), hostClock);
  }

  @Binds
  Publisher publisher(KafkaPublisher publisher);

  @Provides
  @Singleton
  static KafkaSources sources(
      BrokerConfig config, Broker broker, TimeSource time, HostClock hostClock, Shutdown shutdown) {
    return new KafkaSources(
        config.kafka(),
        config.activations().maxDeliverableBytes(),
        broker,
        time,
        hostClock,
        shutdown);
  }
}
