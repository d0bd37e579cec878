package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.OnAttemptsExceeded;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Rows that have to leave through Kafka and are with no publisher yet, by lane, oldest first. */
final class OutboxIndex {
  private final Map<Lane, NavigableSet<Row>> waiting = new EnumMap<>(Lane.class);

  /** Rows that Kafka has refused. */
  private final NavigableSet<Row> parked = new TreeSet<>(Row.BY_KEY);

  /** Of them, those kept aside for a while, those first that try again first. */
  private final NavigableSet<Row> resting = new TreeSet<>(Row.by(row -> row.parkedUntilMs));

  OutboxIndex() {
    for (Lane lane : Lane.values()) {
      waiting.put(lane, new TreeSet<>(Row.BY_KEY));
    }
  }

  /** The way by which the row has to leave; null if it has not. */
  static @Nullable Lane laneOf(Row row) {
    return switch (row.state) {
      case AwaitingRetry _ -> Lane.RETRY;
      case Failed _ ->
          row.activation.onAttemptsExceeded() == OnAttemptsExceeded.DEAD_LETTER
              ? Lane.DEAD_LETTER
              : null;
      case Claimed(_, ClaimPurpose purpose) ->
          purpose == ClaimPurpose.DEMOTION ? Lane.DEMOTION : null;
      case Delayed _, Pending _, Processing _, Completed _ -> null;
    };
  }

  void add(Lane lane, Row row) {
    if (row.parked != null) {
      parked.add(row);
      if (row.parkedUntilMs != Row.NEVER) {
        resting.add(row);
      }
    } else if (row.departing == null && !row.underWay) {
      queue(lane).add(row);
    }
  }

  void remove(Lane lane, Row row) {
    if (row.parked != null) {
      parked.remove(row);
      resting.remove(row);
    } else {
      queue(lane).remove(row);
    }
  }

  @Nullable Row firstParked() {
    return parked.isEmpty() ? null : parked.first();
  }

  /**
   * The next row of a lane.
   *
   * @param seen the one before it, which may have left the lane; null for the first
   */
  @Nullable Row after(Lane lane, @Nullable Row seen) {
    NavigableSet<Row> queue = queue(lane);
    if (queue.isEmpty()) {
      return null;
    }
    return seen == null ? queue.first() : queue.higher(seen);
  }

  /** A parked row whose time to try again has come; null if there is none. */
  @Nullable Row firstRested(long nowMonotonicMs) {
    return resting.isEmpty() || resting.first().parkedUntilMs > nowMonotonicMs
        ? null
        : resting.first();
  }

  private NavigableSet<Row> queue(Lane lane) {
    NavigableSet<Row> queue = waiting.get(lane);
    if (queue == null) {
      throw new IllegalArgumentException("no lane " + lane);
    }
    return queue;
  }
}
