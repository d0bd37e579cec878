package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.engine.EngineSettings;
import io.taskbroker.testkit.journal.InMemoryFile;
import org.junit.jupiter.api.Nested;

/** The owned store keeps to the contracts, over the journal in memory. */
class OwnedStoreTest {
  private static TestStore open(EngineSettings settings, TimeSource time) {
    InMemoryFile file = new InMemoryFile();
    return new OwnedTestStore(file::open, settings, time);
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
