package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.engine.EngineSettings;

/** The reference keeps to the contracts, and a history compared with itself finds no difference. */
class ReferenceStoreTest extends StoreContractKit {
  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    return new ReferenceTestStore(settings, time);
  }
}
