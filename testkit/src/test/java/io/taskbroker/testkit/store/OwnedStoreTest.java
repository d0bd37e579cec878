package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.engine.EngineSettings;
import io.taskbroker.testkit.journal.InMemoryFile;

/** The owned store keeps to the contracts, over the journal in memory. */
class OwnedStoreTest extends StoreContractKit {
  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    InMemoryFile file = new InMemoryFile();
    return new OwnedTestStore(file::open, settings, time);
  }
}
