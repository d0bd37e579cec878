package io.taskbroker.inflight;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.OwnedTestStore;
import io.taskbroker.testkit.store.StoreContractKit;
import io.taskbroker.testkit.store.TestStore;

/** The owned store keeps to the contracts, over the journal in memory. */
class OwnedStoreTest extends StoreContractKit {
  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    InMemoryFile file = new InMemoryFile();
    return new OwnedTestStore(file::open, settings, time);
  }
}
