package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.engine.EngineSettings;
import org.junit.jupiter.api.Nested;

/** The inflight engine keeps to the contracts, by itself and with groups taken back. */
class EngineStoreTest {
  @Nested
  class Intake extends IntakeStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return new EngineTestStore(settings, time);
    }
  }

  @Nested
  class Dispatch extends DispatchStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return new EngineTestStore(settings, time);
    }
  }

  @Nested
  class Pushes extends PushStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return new EngineTestStore(settings, time);
    }
  }

  @Nested
  class Sweeps extends SweepStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return new EngineTestStore(settings, time);
    }
  }

  @Nested
  class Rules extends RulesStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return new EngineTestStore(settings, time);
    }
  }

  @Nested
  class Outbox extends OutboxStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return new EngineTestStore(settings, time);
    }
  }

  @Nested
  class History extends StoreHistoryContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) {
      return new EngineTestStore(settings, time);
    }
  }
}
