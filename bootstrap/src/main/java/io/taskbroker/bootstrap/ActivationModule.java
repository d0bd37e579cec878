package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.protobuf.ProtobufActivationEncoder;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.bootstrap.config.BrokerConfig;
import io.taskbroker.domain.NamePool;
import jakarta.inject.Singleton;
import java.util.function.Function;

/** How tasks are written. */
@Module
interface ActivationModule {
  /** One decoder for each reader of a topic. */
  @Provides
  static Function<String, ActivationDecoder> decoders(BrokerConfig config) {
    return _ -> new ProtobufActivationDecoder(config.activations(), new NamePool());
  }

  @Provides
  @Singleton
  static ActivationEncoder encoder() {
    return new ProtobufActivationEncoder();
  }
}
