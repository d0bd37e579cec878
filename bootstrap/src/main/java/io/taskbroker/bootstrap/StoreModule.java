package io.taskbroker.bootstrap;

import dagger.Binds;
import dagger.Module;
import dagger.Provides;
import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.store.Journal;
import io.taskbroker.bootstrap.config.BrokerConfig;
import io.taskbroker.domain.TimeSource;
import jakarta.inject.Singleton;

/** Where tasks are kept. */
@Module
interface StoreModule {
  @Provides
  @Singleton
  static SqliteJournal sqlite(BrokerConfig config, TimeSource time, Metrics metrics) {
    return SqliteJournal.open(config.sqlite(), time, metrics.journal());
  }

  /** Its checkpoints have a thread of their own. */
  @Provides
  static Heartbeat heartbeat(SqliteJournal sqlite) {
    return sqlite.heartbeat();
  }

  @Binds
  Journal journal(SqliteJournal sqlite);
}
