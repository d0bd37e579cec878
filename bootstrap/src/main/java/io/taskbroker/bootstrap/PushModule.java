package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.grpc.GrpcWorkers;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.application.push.PushPorts;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Singleton;
import java.util.Optional;

/** The workers that are called, if the broker is to call them. */
@Module
interface PushModule {
  @Provides
  @Singleton
  static Optional<GrpcWorkers> workers(BrokerConfig config, TimeSource time) {
    return config.push().map(push -> new GrpcWorkers(push.workers(), time));
  }

  @Provides
  static Optional<PushPorts> ports(
      BrokerConfig config, Optional<GrpcWorkers> workers, Metrics metrics) {
    return config
        .push()
        .flatMap(
            push ->
                workers.map(gateway -> new PushPorts(gateway, push.settings(), metrics.push())));
  }
}
