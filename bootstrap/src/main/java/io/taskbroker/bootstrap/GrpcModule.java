package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcServerLimits;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.bootstrap.config.BrokerConfig;
import io.taskbroker.domain.TimeSource;
import jakarta.inject.Singleton;

/** How workers get at their tasks. */
@Module
interface GrpcModule {
  @Provides
  @Singleton
  static GrpcServer server(BrokerConfig config, Broker broker, TimeSource time, Metrics metrics) {
    return new GrpcServer(
        config.grpc(),
        GrpcServerLimits.DEFAULT,
        broker.dispatch(),
        broker.health(),
        time,
        metrics.calls());
  }
}
