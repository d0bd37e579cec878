package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.EngineSettings;
import org.junit.jupiter.api.Nested;

/**
 * Everything that a store must keep to: a class of tests for each subject, and seeded random
 * histories, with crashes in them, against a model store that is slow and obviously right.
 *
 * <p>Extend it once per store and add nothing. Each contract can also be extended by itself.
 */
public abstract class StoreContractKit {
  /**
   * A new, empty store that is told the time by {@code time}. Closed after each test.
   *
   * @param settings how the store has to judge deadlines and attempts
   */
  protected abstract TestStore openEmptyStore(EngineSettings settings, TimeSource time)
      throws Exception;

  @Nested
  final class Intake extends IntakeStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Dispatch extends DispatchStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Pushes extends PushStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Sweeps extends SweepStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Deadlines extends DeadlineStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Measures extends MeasureStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Outliers extends OutlierStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Rules extends RulesStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Outbox extends OutboxStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class AttemptsByToken extends AttemptStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Acts extends ActStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Pauses extends PauseStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class RuleOrders extends RuleOrderStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Tasks extends TaskStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Ended extends EndedStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class Workers extends WorkerStoreContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }

  @Nested
  final class History extends StoreHistoryContract {
    @Override
    protected TestStore openEmptyStore(EngineSettings settings, TimeSource time) throws Exception {
      return StoreContractKit.this.openEmptyStore(settings, time);
    }
  }
}
