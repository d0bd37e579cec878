package io.taskbroker.bootstrap;

import dagger.BindsInstance;
import dagger.Component;
import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcWorkers;
import io.taskbroker.adapters.http.MonitoringServer;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.kafka.HostClock;
import io.taskbroker.adapters.kafka.KafkaDemotionRoute;
import io.taskbroker.adapters.kafka.KafkaPublisher;
import io.taskbroker.adapters.kafka.KafkaSights;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.Configuration;
import jakarta.inject.Singleton;
import java.util.Optional;

/** The object graph. Its module list is the table of contents of the program. */
@Singleton
@Component(
    modules = {
      StoreModule.class,
      ActivationModule.class,
      KafkaModule.class,
      PushModule.class,
      RulesModule.class,
      MetricsModule.class,
      BrokerModule.class,
      AdminModule.class,
      GrpcModule.class
    })
interface BrokerComponent {
  /** Opens the store; the rest is made when it is asked for. */
  Broker broker();

  /** Tasks of the broker's own, to be stored before anything else is. */
  Canaries canaries();

  KafkaSources sources();

  /** Runs once it is made. */
  HostClock hostClock();

  KafkaPublisher publisher();

  KafkaDemotionRoute demotion();

  /** Empty if there is no file with rules; it has been read once it is there. */
  Optional<RulesFile> rules();

  GrpcServer server();

  Metrics metrics();

  /** Empty if nobody may ask over HTTP; listens once it is made. */
  Optional<MonitoringServer> monitoring();

  /** Empty if there is no admin API; listens once it is made. */
  Optional<AdminServer> admin();

  /** Empty if there is no admin API. */
  Optional<DeadLetterDesk> letters();

  /** What operators see of Kafka. */
  KafkaSights topics();

  /** Empty if workers ask for their tasks. */
  Optional<GrpcWorkers> workers();

  @Component.Factory
  interface Factory {
    BrokerComponent create(
        @BindsInstance Configuration configuration,
        @BindsInstance TimeSource time,
        @BindsInstance Shutdown shutdown);
  }
}
