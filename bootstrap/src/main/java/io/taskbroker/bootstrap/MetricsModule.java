package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.http.MonitoringServer;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What is counted, and who hears of it. */
@Module
interface MetricsModule {
  @Provides
  @Singleton
  static Metrics metrics(BrokerConfig config, TimeSource time) {
    var metrics = new Metrics(config.metrics(), time);
    return config.postgres().isPresent() ? metrics : metrics.watch(config.sqlite().file());
  }

  /** Empty if nobody may ask over HTTP. Listens from the start. */
  @Provides
  @Singleton
  static Optional<MonitoringServer> server(
      BrokerConfig config, Metrics metrics, Broker broker, TimeSource time) {
    return config
        .monitoring()
        .map(settings -> MonitoringServer.start(settings, metrics.page(), broker.health(), time));
  }
}
