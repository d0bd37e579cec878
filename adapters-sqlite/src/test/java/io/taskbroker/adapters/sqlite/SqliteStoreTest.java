package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.OwnedTestStore;
import io.taskbroker.testkit.store.StoreContractKit;
import io.taskbroker.testkit.store.TestStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The owned store keeps to the contracts, over a real file. */
class SqliteStoreTest extends StoreContractKit {
  @TempDir Path folder;

  @Override
  protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
    SqliteSettings file =
        new SqliteSettings(folder.resolve("store.sqlite"), SqliteSettings.DEFAULT_RECLAIM_PAGES);
    // The journal is given a time of its own: it tells the checkpoint thread's sign of life.
    return new OwnedTestStore(() -> SqliteJournal.open(file, new SettableTime()), settings, time);
  }
}
