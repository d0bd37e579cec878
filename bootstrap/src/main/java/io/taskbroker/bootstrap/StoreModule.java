package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.adapters.postgres.PostgresJournal;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFiles;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.store.StoreOpener;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Where tasks are kept. */
@Module
interface StoreModule {
  @Provides
  @Singleton
  static SqliteJournal sqlite(
      BrokerConfig config, ImportSettings importing, TimeSource time, Metrics metrics) {
    return SqliteJournal.open(
        config.sqlite(), time, metrics.journal(), new ReferenceFiles(importing));
  }

  /**
   * With several topics nobody can tell which of them an imported task came from. What was a raw
   * record is a task in the file that is imported.
   */
  @Provides
  static ImportSettings importing(BrokerConfig config) {
    List<KafkaTopicSettings> topics = config.kafka().consumableTopics();
    String topic = topics.size() == 1 ? topics.getFirst().name() : ImportSettings.UNKNOWN_TOPIC;
    return new ImportSettings(
        topic, new ProtobufActivationDecoder(config.activations(), new NamePool()));
  }

  @Provides
  @Singleton
  static Optional<PostgresJournal> postgres(BrokerConfig config, TimeSource time, Metrics metrics) {
    return config
        .postgres()
        .map(settings -> PostgresJournal.open(settings, HostName.read(), time, metrics.journal()));
  }

  /** A file's checkpoints have a thread of their own. */
  @Provides
  static Optional<Heartbeat> heartbeat(BrokerConfig config, Provider<SqliteJournal> sqlite) {
    return config.postgres().isPresent() ? Optional.empty() : Optional.of(sqlite.get().heartbeat());
  }

  @Provides
  static StoreOpener store(
      BrokerConfig config, Optional<PostgresJournal> postgres, Provider<SqliteJournal> sqlite) {
    Journal journal = postgres.isPresent() ? postgres.get() : sqlite.get();
    return OwnedStore.over(journal, config.store());
  }
}
