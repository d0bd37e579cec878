package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.store.OwnedTestStore;
import io.taskbroker.testkit.store.StoreContractKit;
import io.taskbroker.testkit.store.TestStore;

/** The owned store keeps to the contracts, over a real server. */
class PostgresStoreTest extends StoreContractKit {
  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    PostgresSettings database = Databases.migrated();
    return new OwnedTestStore(
        () -> PostgresJournal.openAlone(database, "contract", Databases.TIME), settings, time);
  }
}
