package io.taskbroker.testkit.store;

import io.taskbroker.domain.TimeSource;
import org.junit.jupiter.api.Nested;

/**
 * What stores must keep to that share a journal: who has which rows, and when.
 *
 * <p>Extend this once per journal that several brokers can share, and add nothing.
 */
public abstract class SharedStoreContract {
  /**
   * A new, empty space, that judges brokers by a time of its own. Closed after each test.
   *
   * @param time of the brokers
   */
  protected abstract SharedSpace openEmptySpace(TimeSource time) throws Exception;

  @Nested
  final class Ownership extends SharedOwnershipContract {
    @Override
    SharedSpace openEmptySpace(TimeSource time) throws Exception {
      return SharedStoreContract.this.openEmptySpace(time);
    }
  }

  @Nested
  final class HandOver extends SharedHandOverContract {
    @Override
    SharedSpace openEmptySpace(TimeSource time) throws Exception {
      return SharedStoreContract.this.openEmptySpace(time);
    }
  }

  @Nested
  final class End extends SharedEndContract {
    @Override
    SharedSpace openEmptySpace(TimeSource time) throws Exception {
      return SharedStoreContract.this.openEmptySpace(time);
    }
  }

  @Nested
  final class Reports extends SharedReportContract {
    @Override
    SharedSpace openEmptySpace(TimeSource time) throws Exception {
      return SharedStoreContract.this.openEmptySpace(time);
    }
  }

  @Nested
  final class Orders extends SharedOrderContract {
    @Override
    SharedSpace openEmptySpace(TimeSource time) throws Exception {
      return SharedStoreContract.this.openEmptySpace(time);
    }
  }
}
