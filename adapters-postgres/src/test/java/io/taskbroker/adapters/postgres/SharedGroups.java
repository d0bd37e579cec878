package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.Custody.Held;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Groups of changes for tests of a journal that is shared, in few words. */
final class SharedGroups {
  static final Partition FIRST = new Partition("tasks", 0);
  static final Partition SECOND = new Partition("tasks", 1);

  private SharedGroups() {}

  static StoredActivation pending(long key, Partition partition) {
    return row(key, partition, Pending.STATE);
  }

  static StoredActivation row(long key, Partition partition, ActivationState state) {
    return new StoredActivation(
        key,
        Activations.pending("id-" + key).at(partition, key).build(),
        state,
        0,
        RetryOverride.NONE,
        null);
  }

  static byte[] payload(long key) {
    return ("payload of " + key).getBytes(StandardCharsets.UTF_8);
  }

  static JournalGroup insert(long number, StoredActivation... rows) {
    Map<Long, byte[]> payloads = new HashMap<>();
    for (StoredActivation row : rows) {
      payloads.put(row.key(), payload(row.key()));
    }
    return new JournalGroup(
        number, new Changes(List.of(rows), List.of(), List.of(), Map.of()), payloads);
  }

  static JournalGroup update(long number, StoredActivation... rows) {
    return new JournalGroup(
        number, new Changes(List.of(), List.of(rows), List.of(), Map.of()), Map.of());
  }

  static JournalGroup acknowledge(long number, Map<Partition, Long> positions) {
    return new JournalGroup(
        number, new Changes(List.of(), List.of(), List.of(), positions), Map.of());
  }

  static JournalGroup settle(long number, List<Elsewhere.Left> reports) {
    return new JournalGroup(number, Changes.NONE, Map.of(), reports, List.of());
  }

  static JournalGroup giveUp(long number, Partition... partitions) {
    return new JournalGroup(number, Changes.NONE, Map.of(), List.of(), List.of(partitions));
  }

  static void apply(Journal journal, JournalGroup group) {
    journal.apply(group, Durability.PROCESS_CRASH);
  }

  static List<Partition> take(PostgresJournal journal, Partition... partitions) {
    return journal.custody().take(List.of(partitions)).stream().map(Held::partition).toList();
  }

  /** Takes partitions, and has the reference's rows of them moved, as a store does. */
  static void takeOver(PostgresJournal journal, Partition... partitions) {
    var _ = take(journal, partitions);
    while (!journal.custody().late(List.of(partitions)).isEmpty()) {
      // the next piece
    }
  }

  static void want(PostgresJournal journal, Partition... partitions) {
    var _ = journal.custody().ask(List.of(partitions));
  }

  static List<Long> keys(PostgresJournal journal, Partition partition) {
    List<Long> keys = new ArrayList<>();
    journal.custody().page(partition, 0, 10_000).forEach(row -> keys.add(row.key()));
    return keys;
  }

  /** Whether a row can be written, read and removed. */
  static boolean roundTrip(PostgresJournal journal) {
    take(journal, FIRST);
    long key = journal.custody().reserveKeys(10_000);
    long group = journal.lastGroup();
    apply(journal, insert(group + 1, pending(key, FIRST)));
    journal.sync();
    boolean isThere = keys(journal, FIRST).equals(List.of(key));
    apply(
        journal,
        new JournalGroup(
            group + 2, new Changes(List.of(), List.of(), List.of(key), Map.of()), Map.of()));
    return isThere && keys(journal, FIRST).isEmpty();
  }
}
