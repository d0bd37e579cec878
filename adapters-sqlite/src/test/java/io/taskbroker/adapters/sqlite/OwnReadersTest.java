package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads of the broker that read large payloads do not keep the log from being begun anew. */
class OwnReadersTest {
  private static final int MB = 1 << 20;
  private static final int LARGE = 8;
  private static final int READERS = 3;
  private static final int WRITTEN_MB = 400;

  /** Twice what it is without readers. */
  private static final long LONGEST_LOG = 120L * MB;

  @TempDir Path folder;

  @Test
  void theLogStaysShortBesideReadersThatNeverRest() throws Exception {
    try (SqliteJournal journal =
        SqliteJournal.open(Groups.settings(folder.resolve("store.sqlite")), new SettableTime())) {
      for (long key = 1; key <= LARGE; key++) {
        Groups.apply(journal, Groups.insertPending(key, key, 10 * MB));
      }
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger reads = new AtomicInteger();
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(
            Thread.ofPlatform()
                .name("reader-" + i)
                .start(
                    () -> {
                      for (long key = 0; !over.get(); key++) {
                        assertThat(journal.largePayload(1 + key % LARGE)).isPresent();
                        reads.incrementAndGet();
                      }
                    }));
      }
      for (long key = 100; key < 100 + WRITTEN_MB; key++) {
        Groups.apply(journal, Groups.insertPending(key, key, MB));
        Groups.apply(journal, Groups.delete(key, key));
        Groups.awaitAShortLog(journal, LONGEST_LOG, 100 + WRITTEN_MB);
      }
      while (reads.get() <= READERS && readers.stream().allMatch(Thread::isAlive)) {
        Thread.onSpinWait(); // on a busy machine the writer may be done before they have begun
      }
      over.set(true);
      for (Thread reader : readers) {
        reader.join();
      }

      assertThat(reads.get()).isGreaterThan(READERS);
    }
  }
}
