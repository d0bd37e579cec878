package io.taskbroker.simulation.world;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.world.Violation.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The state of every row in every file, to see that none leaves a state that is final. */
final class RowStates {
  private final Ledger ledger;
  private final Map<String, Map<Long, ActivationState>> files = new HashMap<>();

  /** The last key in each partition of each file: rows stand in the order in which they came. */
  private final Map<String, Map<Partition, Long>> lastKeys = new HashMap<>();

  /** Ids of activations that operators have had begin anew. */
  private final Set<String> requeued = new HashSet<>();

  RowStates(Ledger ledger) {
    this.ledger = ledger;
  }

  void mayBeginAnew(String id) {
    requeued.add(id);
  }

  boolean isRequeued(String id) {
    return requeued.contains(id);
  }

  void begin(String broker, List<StoredActivation> rows) {
    Map<Long, ActivationState> states = new HashMap<>();
    rows.forEach(row -> states.put(row.key(), row.state()));
    files.put(broker, states);
  }

  void wrote(String broker, JournalGroup group) {
    Map<Long, ActivationState> states = files.computeIfAbsent(broker, _ -> new HashMap<>());
    for (StoredActivation row : group.changes().inserted()) {
      states.put(row.key(), row.state());
      judgeOrder(broker, states, row);
    }
    for (StoredActivation row : group.changes().updated()) {
      ActivationState before = states.put(row.key(), row.state());
      boolean isRequeued =
          requeued.contains(row.activation().id()) && before instanceof ActivationState.Failed;
      if (before != null && !isRequeued && !mayFollow(before, row.state())) {
        ledger.violated(
            Kind.REVIVED,
            "%s writes %s for %s, which was %s"
                .formatted(broker, row.state(), row.activation().id(), before));
      }
    }
    for (long key : group.changes().deleted()) {
      if (states.remove(key) == null) {
        ledger.violated(Kind.COUNTS, broker + " removes row " + key + ", which is not there");
      }
    }
  }

  /** Whoever has a partition gives its new rows keys behind those of all its rows. */
  private void judgeOrder(String broker, Map<Long, ActivationState> states, StoredActivation row) {
    Partition partition = row.activation().partition();
    Long last = lastKeys.computeIfAbsent(broker, _ -> new HashMap<>()).put(partition, row.key());
    if (last != null && last > row.key() && states.containsKey(last)) {
      ledger.violated(
          Kind.DEFECT, "row %d of %s comes in behind row %d".formatted(row.key(), partition, last));
    }
  }

  private static boolean mayFollow(ActivationState before, ActivationState after) {
    return switch (before) {
      case ActivationState.Completed _ -> after instanceof ActivationState.Completed;
      case ActivationState.Failed _ ->
          after instanceof ActivationState.Failed || after instanceof ActivationState.Completed;
      case ActivationState.AwaitingRetry _ ->
          after instanceof ActivationState.AwaitingRetry
              || after instanceof ActivationState.Failed
              || after instanceof ActivationState.Completed;
      case ActivationState.Delayed _,
          ActivationState.Pending _,
          ActivationState.Claimed _,
          ActivationState.Processing _ ->
          true;
    };
  }
}
