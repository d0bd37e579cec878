package io.taskbroker.simulation.world;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What crashes of the server have taken away though it was acknowledged: exactly that may happen
 * again. Of everything else the brokers are held to their word.
 */
final class LostGroups {
  private int crashes;

  /** The highest round of each row that was written before a crash, by key. */
  private final Map<Long, Long> rounds = new HashMap<>();

  /** Ids of rows that are not what they were, and by which crash; the last one counts. */
  private final Map<String, Integer> changed = new HashMap<>();

  /** Ids of rows whose end is lost, and by which crash; the last one counts. */
  private final Map<String, Integer> reopened = new HashMap<>();

  /** Ids of rows that are gone, and have not come in again. */
  private final Set<String> gone = new HashSet<>();

  /** How often the server has crashed. */
  int crashes() {
    return crashes;
  }

  /** The server held this before the crash, and holds that now. */
  void crashed(ServerImage before, ServerImage after) {
    crashes++;
    Set<Long> keys = new HashSet<>(before.rows().keySet());
    keys.addAll(after.rows().keySet());
    for (long key : keys) {
      StoredActivation was = before.rows().get(key);
      StoredActivation is = after.rows().get(key);
      if (was != null) {
        rounds.merge(key, was.round(), Math::max);
      }
      if (!Objects.equals(was, is)) {
        String id = (was == null ? Objects.requireNonNull(is) : was).activation().id();
        changed.put(id, crashes);
        if (is == null) {
          gone.add(id);
        }
        if (!after.reported().contains(id) && (is == null || isOpen(is))) {
          reopened.put(id, crashes);
        }
      }
    }
    for (String id : before.reported()) {
      if (!after.reported().contains(id)) {
        changed.put(id, crashes);
        reopened.put(id, crashes);
      }
    }
  }

  /**
   * A group is written: rows that come in with it are here again, and reports that it takes in have
   * come to their rows, also if the server has forgotten meanwhile that they were left.
   */
  void wrote(JournalGroup group) {
    group.settledReports().stream()
        .filter(left -> left.report().word() instanceof Elsewhere.Word.Concluded)
        .forEach(left -> reopened.remove(left.report().id()));
    group.changes().inserted().forEach(row -> gone.remove(row.activation().id()));
  }

  /** Whether a row of this id was lost and has not come in again. */
  boolean isGone(String id) {
    return gone.contains(id);
  }

  /** Whether nothing final was decided on this row. */
  static boolean isOpen(StoredActivation row) {
    return switch (row.state()) {
      case ActivationState.Pending _,
          ActivationState.Delayed _,
          ActivationState.Claimed _,
          ActivationState.Processing _ ->
          true;
      case ActivationState.AwaitingRetry _, ActivationState.Failed _, ActivationState.Completed _ ->
          false;
    };
  }

  /** Whether this hand-out had been written, and a crash has taken that away. */
  boolean hasHandOut(long key, long round) {
    return rounds.getOrDefault(key, 0L) >= round;
  }

  /** Whether a crash later than that one has changed something about this task. */
  boolean hasChanged(String id, int crash) {
    return changed.getOrDefault(id, 0) > crash;
  }

  /** Whether a crash later than that one has taken away that this task had ended here. */
  boolean hasReopened(String id, int crash) {
    return reopened.getOrDefault(id, 0) > crash;
  }
}
