package io.taskbroker.bootstrap;

import dagger.Binds;
import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.adapters.sqlite.ImportSettings;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.store.Journal;
import io.taskbroker.bootstrap.config.BrokerConfig;
import io.taskbroker.domain.TimeSource;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Function;

/** Where tasks are kept. */
@Module
interface StoreModule {
  @Provides
  @Singleton
  static SqliteJournal sqlite(
      BrokerConfig config, ImportSettings importing, TimeSource time, Metrics metrics) {
    return SqliteJournal.open(config.sqlite(), time, metrics.journal(), importing);
  }

  /** With several topics nobody can tell which of them an imported task came from. */
  @Provides
  static ImportSettings importing(
      BrokerConfig config, Function<String, ActivationDecoder> decoders) {
    List<KafkaTopicSettings> topics = config.kafka().consumableTopics();
    String topic = topics.size() == 1 ? topics.getFirst().name() : ImportSettings.UNKNOWN_TOPIC;
    return new ImportSettings(topic, decoders.apply(topic));
  }

  /** Its checkpoints have a thread of their own. */
  @Provides
  static Heartbeat heartbeat(SqliteJournal sqlite) {
    return sqlite.heartbeat();
  }

  @Binds
  Journal journal(SqliteJournal sqlite);
}
