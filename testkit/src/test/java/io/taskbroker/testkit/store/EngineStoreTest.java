package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.engine.EngineSettings;

/** The inflight engine keeps to the contracts, by itself and with groups taken back. */
class EngineStoreTest extends StoreContractKit {
  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    return new EngineTestStore(settings, time);
  }
}
