package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.protobuf.ProtobufActivationEncoder;
import io.taskbroker.adapters.protobuf.RawRecordDecoder;
import io.taskbroker.adapters.protobuf.RawTopicSettings;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.domain.NamePool;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Singleton;
import java.util.function.Function;

/** How tasks are written. */
@Module
interface ActivationModule {
  /** One decoder for each reader of a topic. */
  @Provides
  static Function<String, ActivationDecoder> decoders(BrokerConfig config) {
    return topic -> decoder(config, topic);
  }

  private static ActivationDecoder decoder(BrokerConfig config, String topic) {
    RawTopicSettings raw = config.rawTopics().get(topic);
    boolean holdsRetries = topic.equals(config.kafka().retryTopic().name());
    return raw == null || holdsRetries
        ? new ProtobufActivationDecoder(config.activations(), new NamePool())
        : new RawRecordDecoder(raw, config.activations());
  }

  @Provides
  @Singleton
  static ActivationEncoder encoder() {
    return new ProtobufActivationEncoder();
  }
}
