package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.engine.EngineSettings;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.DispatchStoreContract;
import io.taskbroker.testkit.store.IntakeStoreContract;
import io.taskbroker.testkit.store.OutboxStoreContract;
import io.taskbroker.testkit.store.OwnedTestStore;
import io.taskbroker.testkit.store.PushStoreContract;
import io.taskbroker.testkit.store.RulesStoreContract;
import io.taskbroker.testkit.store.StoreHistoryContract;
import io.taskbroker.testkit.store.SweepStoreContract;
import io.taskbroker.testkit.store.TestStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The owned store keeps to the contracts, over a real file. */
class SqliteStoreTest {
  @TempDir Path folder;

  private TestStore open(EngineSettings engine, TimeSource time) {
    SqliteSettings settings =
        new SqliteSettings(folder.resolve("store.sqlite"), SqliteSettings.DEFAULT_RECLAIM_PAGES);
    // The journal is given a time of its own: it tells the checkpoint thread's sign of life.
    return new OwnedTestStore(() -> SqliteJournal.open(settings, new SettableTime()), engine, time);
  }

  @Nested
  class Intake extends IntakeStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return open(settings, time);
    }
  }

  @Nested
  class Dispatch extends DispatchStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return open(settings, time);
    }
  }

  @Nested
  class Pushes extends PushStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return open(settings, time);
    }
  }

  @Nested
  class Sweeps extends SweepStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return open(settings, time);
    }
  }

  @Nested
  class Rules extends RulesStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return open(settings, time);
    }
  }

  @Nested
  class Outbox extends OutboxStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return open(settings, time);
    }
  }

  @Nested
  class History extends StoreHistoryContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return open(settings, time);
    }
  }
}
