package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.protobuf.ReadableActivations;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Where operators ask and give orders. */
@Module
interface AdminModule {
  /** Empty if there is no admin API. Listens from the start. */
  @Provides
  @Singleton
  static Optional<AdminServer> server(BrokerConfig config, Broker broker, TimeSource time) {
    return config
        .admin()
        .map(
            settings ->
                AdminServer.start(
                    settings, broker, new ReadableActivations(), Version.text(), time));
  }
}
