package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/** Groups of changes for tests, in few words. */
final class Groups {
  private Groups() {}

  static SqliteJournal open(Path file) {
    return SqliteJournal.open(settings(file), new SettableTime());
  }

  static SqliteSettings settings(Path file) {
    return new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES);
  }

  static StoredActivation row(long key, Activations activation, ActivationState state) {
    return new StoredActivation(key, activation.build(), state, 0, RetryOverride.NONE, null);
  }

  static StoredActivation pending(long key) {
    return row(key, Activations.pending("id-" + key), Pending.STATE);
  }

  private static StoredActivation pending(long key, int payloadBytes) {
    Activations activation = Activations.pending("id-" + key).payload(new byte[payloadBytes]);
    return row(key, activation, Pending.STATE);
  }

  static JournalGroup insert(int payloadBytes, StoredActivation... rows) {
    Map<Long, byte[]> payloads = new HashMap<>();
    for (StoredActivation row : rows) {
      payloads.put(row.key(), new byte[payloadBytes]);
    }
    return new JournalGroup(new Changes(List.of(rows), List.of(), List.of(), Map.of()), payloads);
  }

  /** Pending rows with keys from {@code first} to {@code last}. */
  static JournalGroup insertPending(long first, long last, int payloadBytes) {
    return insert(
        payloadBytes,
        LongStream.rangeClosed(first, last)
            .mapToObj(key -> pending(key, payloadBytes))
            .toArray(StoredActivation[]::new));
  }

  static JournalGroup update(StoredActivation... rows) {
    return new JournalGroup(new Changes(List.of(), List.of(rows), List.of(), Map.of()), Map.of());
  }

  /** Hands a pending row out, until that time. */
  static JournalGroup handOut(long key, long deadlineMs) {
    return update(
        row(
            key,
            Activations.pending("id-" + key),
            new Processing(new Moment(deadlineMs, deadlineMs))));
  }

  static JournalGroup delete(long first, long last) {
    return new JournalGroup(
        new Changes(
            List.of(), List.of(), LongStream.rangeClosed(first, last).boxed().toList(), Map.of()),
        Map.of());
  }

  static void apply(Journal journal, JournalGroup group) {
    journal.apply(group, Durability.PROCESS_CRASH);
  }

  static List<Long> keys(Journal journal) {
    List<Long> keys = new ArrayList<>();
    journal.load(_ -> {}, row -> keys.add(row.key()));
    return keys;
  }

  /**
   * Waits while the log is longer than this, as intake does. It begins anew with the first group
   * after it was copied, so there are small ones of this key meanwhile.
   */
  static void awaitAShortLog(SqliteJournal journal, long longest, long key) {
    long giveUpAt = System.nanoTime() + Duration.ofMinutes(4).toNanos();
    while (journal.size().log() > longest) {
      assertThat(System.nanoTime()).as("the log was never cut").isLessThan(giveUpAt);
      apply(journal, insertPending(key, key, 10));
      apply(journal, delete(key, key));
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }
}
