package io.taskbroker.bootstrap;

import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.upstream.ImportSettings;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFiles;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.store.StoreOpener;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.settings.BrokerConfig;
import jakarta.inject.Singleton;
import java.util.List;

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

  /** Its checkpoints have a thread of their own. */
  @Provides
  static Heartbeat heartbeat(SqliteJournal sqlite) {
    return sqlite.heartbeat();
  }

  @Provides
  static StoreOpener store(SqliteJournal journal, BrokerConfig config) {
    return OwnedStore.over(journal, config.store());
  }
}
