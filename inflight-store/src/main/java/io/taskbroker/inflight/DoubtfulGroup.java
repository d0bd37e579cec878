package io.taskbroker.inflight;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A group of which its journal could not say whether it was written. As a group is there as a whole
 * or not at all, reading tells.
 */
final class DoubtfulGroup {
  private final Changes changes;
  private final Map<Long, StoredActivation> missing = new HashMap<>();
  private final Map<Partition, Long> missingPositions = new HashMap<>();
  private final Set<Long> deleted;
  private boolean somethingUndeleted;

  DoubtfulGroup(Changes changes) {
    this.changes = changes;
    changes.inserted().forEach(row -> missing.put(row.key(), row));
    changes.updated().forEach(row -> missing.put(row.key(), row));
    missingPositions.putAll(changes.positions());
    deleted = new HashSet<>(changes.deleted());
  }

  /**
   * Reads the journal, and has a group that is there written down once more, so that it is also as
   * durable as was asked for.
   *
   * @return whether it is there
   * @throws JournalException.Final if that cannot be found out
   */
  boolean isWritten(Journal journal, Durability durability) {
    try {
      journal.load(this::look, this::look);
      boolean written = missing.isEmpty() && missingPositions.isEmpty() && !somethingUndeleted;
      if (written) {
        journal.apply(new JournalGroup(again(), Map.of()), durability);
      }
      return written;
    } catch (JournalException e) {
      throw new JournalException.Final(
          "It cannot be found out what was written: " + e.getMessage(), e);
    }
  }

  private void look(Map<Partition, Long> positions) {
    missingPositions
        .entrySet()
        .removeIf(entry -> entry.getValue().equals(positions.get(entry.getKey())));
  }

  private void look(StoredActivation row) {
    StoredActivation expected = missing.get(row.key());
    if (expected != null && expected.isWrittenLike(row)) {
      missing.remove(row.key());
    }
    somethingUndeleted |= deleted.contains(row.key());
  }

  private Changes again() {
    List<StoredActivation> rows = new ArrayList<>(changes.inserted());
    rows.addAll(changes.updated());
    return new Changes(List.of(), rows, List.of(), changes.positions());
  }
}
