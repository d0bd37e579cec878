package io.taskbroker.inflight.engine;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.testkit.store.StoreContractKit;
import io.taskbroker.testkit.store.TestStore;

/** The inflight engine keeps to the contracts, by itself and with groups taken back. */
class EngineStoreTest extends StoreContractKit {
  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    return new EngineTestStore(settings, time);
  }
}
