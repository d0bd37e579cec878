package com.example.ownstore;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.store.OwnedTestStore;
import io.taskbroker.testkit.store.StoreContractKit;
import io.taskbroker.testkit.store.TestStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The broker's store keeps all of its contracts over the journal, sudden deaths included. */
class StoreOverMvStoreTest extends StoreContractKit {
  @TempDir Path folder;

  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    Path file = folder.resolve("tasks.mv");
    return new OwnedTestStore(() -> MvStoreJournal.open(file), settings, time);
  }
}
