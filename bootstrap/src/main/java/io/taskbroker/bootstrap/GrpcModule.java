package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcServerLimits;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.dispatch.CallMetrics;
import io.taskbroker.bootstrap.logging.TracedCalls;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.ReportSettings;
import jakarta.inject.Singleton;

/** How workers get at their tasks. */
@Module
interface GrpcModule {
  @Provides
  @Singleton
  static GrpcServer server(BrokerConfig config, Broker broker, TimeSource time, Metrics metrics) {
    return new GrpcServer(
        config.grpc(),
        GrpcServerLimits.DEFAULT.with(config.grpc()),
        broker.dispatch(),
        broker.exchange(),
        broker.health(),
        time,
        calls(config, metrics, time));
  }

  /** Nothing of Sentry is loaded, not even what tells it of calls, unless it is asked for. */
  private static CallMetrics calls(BrokerConfig config, Metrics metrics, TimeSource time) {
    double share = config.reports().map(ReportSettings::tracesSampleRate).orElse(0.0);
    return share > 0 ? new TracedCalls(metrics.calls(), share, time) : metrics.calls();
  }
}
