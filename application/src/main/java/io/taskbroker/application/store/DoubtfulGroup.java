package io.taskbroker.application.store;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.Changes;
import io.taskbroker.domain.engine.StoredActivation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    if (expected != null && isSame(expected, row)) {
      missing.remove(row.key());
    }
    somethingUndeleted |= deleted.contains(row.key());
  }

  private Changes again() {
    List<StoredActivation> rows = new ArrayList<>(changes.inserted());
    rows.addAll(changes.updated());
    return new Changes(List.of(), rows, List.of(), changes.positions());
  }

  private static boolean isSame(StoredActivation a, StoredActivation b) {
    return a.activation().id().equals(b.activation().id())
        && written(a.state()).equals(written(b.state()))
        && a.attempts() == b.attempts()
        && a.retry().equals(b.retry())
        && Objects.equals(a.parked(), b.parked());
  }

  /** The state as far as it is written down: the monotonic clock is not. */
  private static ActivationState written(ActivationState state) {
    return switch (state) {
      case Claimed(Moment end, ClaimPurpose purpose) ->
          new Claimed(new Moment(end.wallMs(), 0), purpose);
      case Processing(Moment deadline) -> new Processing(new Moment(deadline.wallMs(), 0));
      case Delayed _, Pending _, AwaitingRetry _, Failed _, Completed _ -> state;
    };
  }
}
