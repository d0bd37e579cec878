package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;

/** The reference keeps to the contracts, and a history compared with itself finds no difference. */
class ModelStoreTest extends StoreContractKit {
  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    return new ModelTestStore(settings, time);
  }
}
