package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What counts may break: the journal writes, copies its log and gives space back as ever. */
@Timeout(180)
class BrokenMetricsJournalTest {
  private static final int MB = 1 << 20;

  /** A minute's worth. */
  private static final int MOST_LOOKS = 12_000;

  private final AtomicInteger events = new AtomicInteger();

  @TempDir Path folder;

  private SqliteJournal open() {
    return SqliteJournal.open(
        Groups.settings(folder.resolve("store.sqlite")),
        new SettableTime(),
        _ -> {
          events.incrementAndGet();
          throw new IllegalStateException("a bug in what counts");
        });
  }

  @Test
  void spaceIsGivenBack() {
    try (SqliteJournal journal = open()) {
      Groups.apply(journal, Groups.insertPending(1, 1_000, 1_000));
      Groups.apply(journal, Groups.delete(2, 1_000));

      // A bounded step each time; what the log still holds counts until it is copied.
      for (int look = 0; look < MOST_LOOKS && journal.size().live() >= MB / 4; look++) {
        if (!journal.reclaim()) {
          LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
      }

      assertThat(Groups.keys(journal)).containsExactly(1L);
      assertThat(journal.size().live()).isLessThan(MB / 4);
    }
    assertThat(events).hasPositiveValue();
  }

  @Test
  void aLongLogIsCopiedAndCut() {
    try (SqliteJournal journal = open()) {
      for (int key = 1; key <= 50; key++) {
        Groups.apply(journal, Groups.insertPending(key, key, MB));
      }

      for (int look = 0; look < MOST_LOOKS && journal.size().log() > 0; look++) {
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      }

      assertThat(journal.size().log()).isZero();
      assertThat(Groups.keys(journal)).hasSize(50);
    }
    assertThat(events).hasPositiveValue();
  }
}
