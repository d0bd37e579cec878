package io.taskbroker.testkit.journal;

import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.Journal;
import org.junit.jupiter.api.Nested;

/**
 * What every journal must keep to. Extend this once per journal and add nothing.
 *
 * <p>Of a {@link Moment} a journal keeps the wall time; the monotonic clock has no meaning to the
 * next process.
 */
public abstract class JournalContract {
  /**
   * Opens the journal under test. The first call of each test opens a new, empty one; each later
   * call opens the same one again, as the next process would.
   */
  protected abstract Journal open() throws Exception;

  @Nested
  final class Rows extends JournalRowsContract {
    @Override
    Journal open() throws Exception {
      return JournalContract.this.open();
    }
  }

  @Nested
  final class Groups extends JournalGroupsContract {
    @Override
    Journal open() throws Exception {
      return JournalContract.this.open();
    }
  }

  @Nested
  final class Reading extends JournalReadingContract {
    @Override
    Journal open() throws Exception {
      return JournalContract.this.open();
    }
  }

  @Nested
  final class Place extends JournalPlaceContract {
    @Override
    Journal open() throws Exception {
      return JournalContract.this.open();
    }
  }

  @Nested
  final class History extends JournalHistoryContract {
    @Override
    Journal open() throws Exception {
      return JournalContract.this.open();
    }
  }
}
