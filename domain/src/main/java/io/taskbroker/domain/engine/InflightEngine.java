package io.taskbroker.domain.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.engine.Row.Hold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * All unfinished activations, in memory, and every decision about them.
 *
 * <p>Commands are gathered into groups: after any number of them {@link #changes()} says what a
 * journal has to write, and then {@link #settle()} keeps it or {@link #undo()} takes all of it
 * back. Each command costs what it touches, never what is stored.
 *
 * <p>Not safe for several threads. Time is handed in and never goes back on the monotonic clock.
 */
public final class InflightEngine {
  /** Bounds what is left of a lease that an earlier process, or its wall clock, left behind. */
  private static final Duration LONGEST_LEASE = Duration.ofHours(1);

  private final EngineSettings settings;
  private final Rows rows;
  private long nextKey = 1;
  private long nextClaim = 1;
  private long overtaken;
  private long overtakenBeforeGroup;

  public InflightEngine(EngineSettings settings) {
    this.settings = settings;
    this.rows = new Rows(settings.maxAttempts());
  }

  // ---------------------------------------------------------------- restoring

  /** Takes in the positions that were acknowledged before this process began. Before any row. */
  public void restorePositions(Map<Partition, Long> acknowledged) {
    acknowledged.forEach(rows.coverage::acknowledge);
  }

  /**
   * Takes in a row that a journal kept. No change is recorded.
   *
   * <p>What is left of a deadline or lease is counted from {@code now}. An at-most-once row whose
   * offset was not acknowledged waits until its record comes again.
   */
  public void restore(StoredActivation stored, Moment now) {
    rows.at(now.wallMs());
    Row row = new Row(recall(stored, now));
    if (row.activation.isAtMostOnce() && !rows.coverage.covers(row)) {
      row.hold = Hold.UNTIL_REDELIVERED;
    }
    row.sent = true; // whether an earlier process had begun to send it is not known
    nextKey = Math.max(nextKey, row.key + 1);
    rows.restore(row);
  }

  private StoredActivation recall(StoredActivation stored, Moment now) {
    ActivationState state =
        switch (stored.state()) {
          case Claimed(Moment end, ClaimPurpose purpose) ->
              new Claimed(Moment.recall(end.wallMs(), now, LONGEST_LEASE), purpose);
          case Processing(Moment deadline) ->
              new Processing(Moment.recall(deadline.wallMs(), now, patience(stored.activation())));
          case Delayed _, Pending _, AwaitingRetry _, Failed _, Completed _ -> stored.state();
        };
    return new StoredActivation(
        stored.key(),
        stored.activation(),
        state,
        stored.attempts(),
        stored.retry(),
        stored.parked());
  }

  // ---------------------------------------------------------------- intake

  /**
   * Stores what is not stored yet.
   *
   * @return per activation the key of its new row, or 0 if its id was there already
   */
  public long[] add(List<Activation> batch, Moment now) {
    return addArrivals(
        batch.stream().map(one -> new Arrival(one, Arrival.Route.WORKERS)).toList(), now);
  }

  /** As {@link #add}, where some of the batch goes straight to the topic of demoted namespaces. */
  public long[] addArrivals(List<Arrival> batch, Moment now) {
    rows.at(now.wallMs());
    long[] keys = new long[batch.size()];
    for (int i = 0; i < keys.length; i++) {
      Activation activation = batch.get(i).activation();
      Row known = rows.findLike(activation);
      if (known == null) {
        keys[i] = insert(activation, stateOf(batch.get(i), now));
      } else {
        receivedAgain(known, activation);
      }
    }
    return keys;
  }

  private static ActivationState stateOf(Arrival arrival, Moment now) {
    if (arrival.activation().isBadRecord()) {
      return Failed.STATE;
    }
    return switch (arrival.route()) {
      case WORKERS -> Lifecycle.arrive(arrival.activation().delayUntilMs(), now.wallMs());
      case DEMOTION -> Lifecycle.demote(now.plus(LONGEST_LEASE));
    };
  }

  private long insert(Activation activation, ActivationState state) {
    Row row =
        new Row(new StoredActivation(nextKey++, activation, state, 0, RetryOverride.NONE, null));
    if (activation.isAtMostOnce() && !rows.coverage.covers(row)) {
      row.hold = Hold.UNTIL_COMMITTED;
    }
    rows.insert(row);
    return row.key;
  }

  private void receivedAgain(Row known, Activation activation) {
    boolean sameRecord =
        known.activation.offset() == activation.offset()
            && known.activation.partition().equals(activation.partition());
    if (sameRecord && known.hold == Hold.UNTIL_REDELIVERED) {
      rows.change(known, row -> row.hold = Hold.UNTIL_COMMITTED);
    }
  }

  /**
   * Kafka has acknowledged commits of the group, ours or another member's: records before these
   * positions do not come again. Rows that waited for it are settled by {@link Sweep#COMMITTED}.
   */
  public void acknowledge(Map<Partition, Long> positions) {
    positions.forEach(rows::acknowledge);
  }

  /**
   * The group stands exactly there in partitions that are read here from now on, be it behind what
   * was acknowledged: then their topic is another of the same name, or the group was set back.
   */
  public void assigned(Map<Partition, Long> positions) {
    positions.forEach(rows::standAt);
  }

  /**
   * The partitions were lost before their positions were committed: their at-most-once rows may run
   * only if their records come to this broker again.
   */
  public void lose(Collection<Partition> partitions) {
    for (Partition partition : partitions) {
      List<Row> held = new ArrayList<>();
      for (Row row : rows.coverage.waitingIn(partition)) {
        if (row.hold == Hold.UNTIL_COMMITTED && !rows.coverage.covers(row)) {
          held.add(row);
        }
      }
      held.forEach(one -> rows.change(one, row -> row.hold = Hold.UNTIL_REDELIVERED));
    }
  }

  /** Only these topics are consumed here from now on; records of others do not come again. */
  public void onlyConsumed(Set<String> topics) {
    rows.coverage.onlyConsumed(topics);
  }

  /** Partitions whose committed position some row waits for. */
  public Set<Partition> awaitedPartitions() {
    return rows.coverage.awaited();
  }

  // ---------------------------------------------------------------- dispatch

  /** Hands the oldest due activations to a worker, at most {@code limit}. */
  public List<Claim> pull(ClaimFilter filter, int limit, Moment now) {
    rows.at(now.wallMs());
    List<Claim> claims = new ArrayList<>(Math.min(limit, 16));
    while (claims.size() < limit) {
      Row row = oldestUnexpired(filter, now);
      if (row == null) {
        break;
      }
      Moment deadline = now.plus(patience(row.activation));
      claims.add(claim(row, Lifecycle.pull(row.state, deadline)));
    }
    return claims;
  }

  /** Takes the oldest due activations of one application for a push. */
  public List<Claim> claimForPush(String application, int limit, Duration lease, Moment now) {
    rows.at(now.wallMs());
    ClaimFilter filter = new ClaimFilter(application, null);
    List<Claim> claims = new ArrayList<>(Math.min(limit, 16));
    while (claims.size() < limit) {
      Row row = oldestUnexpired(filter, now);
      if (row == null) {
        break;
      }
      Moment end = now.plus(lease);
      claims.add(claim(row, Lifecycle.claim(row.state, end, ClaimPurpose.PUSH)));
    }
    return claims;
  }

  private @Nullable Row oldestUnexpired(ClaimFilter filter, Moment now) {
    for (Row row = rows.ready.oldest(filter); row != null; row = rows.ready.oldest(filter)) {
      Long expiresAtMs = row.activation.expiresAtMs();
      if (expiresAtMs == null || expiresAtMs > now.wallMs()) {
        return row;
      }
      rows.change(row, expired -> expired.aside = true);
    }
    return null;
  }

  private Claim claim(Row row, Transition transition) {
    long number = nextClaim++;
    rows.change(
        row,
        claimed -> {
          apply(claimed, transition);
          claimed.claimNumber = number;
          claimed.sent = false;
        });
    return new Claim(row.key, number, row.activation, row.attempts, row.retry);
  }

  /**
   * The push of this claim begins.
   *
   * @return false if the claim is no longer good, and nothing may be sent
   */
  public boolean sending(Claim claim) {
    Row row = rows.find(claim.key());
    if (row == null || row.claimNumber != claim.number() || !(row.state instanceof Claimed)) {
      return false;
    }
    row.sent = true;
    return true;
  }

  /** The worker has accepted it. False if the activation is not claimed for a push any more. */
  public boolean accepted(String id, Moment now) {
    rows.at(now.wallMs());
    Row row = rows.find(id);
    return row != null
        && move(row, Lifecycle.accepted(row.state, now.plus(patience(row.activation))));
  }

  /**
   * No worker can ever take what was claimed: it is over, and its payload leaves for the
   * dead-letter topic as a bad record.
   *
   * @return the key of the bad record, whose payload is the claimed one's; 0 if the claim is no
   *     longer good
   */
  public long reject(Claim claim, String reason, Moment now) {
    rows.at(now.wallMs());
    Row row = rows.find(claim.key());
    if (row == null
        || row.claimNumber != claim.number()
        || !move(row, Lifecycle.undeliverable(row.state))) {
      return 0;
    }
    Activation remains = Activation.undeliverable(row.activation, now.wallMs(), reason);
    return addArrivals(List.of(new Arrival(remains, Arrival.Route.WORKERS)), now)[0];
  }

  /**
   * Takes a claim back of which it is certain that no worker received it; no attempt is counted.
   *
   * @return false if the claim is not the row's latest, or the activation has moved on
   */
  public boolean release(Claim claim, Moment now) {
    rows.at(now.wallMs());
    Row row = rows.find(claim.key());
    return row != null
        && row.claimNumber == claim.number()
        && move(row, Lifecycle.release(row.state));
  }

  /**
   * Records a worker's report.
   *
   * @return false if no such activation is stored, or it is over already
   */
  public boolean conclude(String id, Conclusion conclusion, RetryOverride override, Moment now) {
    rows.at(now.wallMs());
    Row row = rows.find(id);
    if (row == null) {
      return false;
    }
    Transition transition = Lifecycle.conclude(row.state, conclusion);
    if (transition instanceof Transition.Moved) {
      rows.change(
          row,
          concluded -> {
            apply(concluded, transition);
            concluded.retry = concluded.retry.and(override);
          });
    }
    return !(row.state instanceof Completed) || transition instanceof Transition.Moved;
  }

  // ---------------------------------------------------------------- upkeep

  /** Does due work of one kind, at most {@code limit} rows, and says how many it changed. */
  public int sweep(Sweep kind, int limit, Moment now) {
    rows.at(now.wallMs());
    rows.timers.drawNear(now.wallMs());
    int done = 0;
    while (done < limit && sweepOne(kind, now)) {
      done++;
    }
    return done;
  }

  private boolean sweepOne(Sweep kind, Moment now) {
    return switch (kind) {
      case DEADLINES -> sweepDeadline(now);
      case LEASES -> sweepLease(now);
      case ATTEMPTS -> {
        Row row = first(rows.exhausted);
        yield row != null
            && move(
                row, Lifecycle.attemptsExceeded(row.state, row.attempts, settings.maxAttempts()));
      }
      case EXPIRY -> {
        Row row = rows.timers.dueExpiry(now.wallMs());
        yield row != null
            && move(row, Lifecycle.expired(row.state, row.activation.expiresAtMs(), now.wallMs()));
      }
      case DELAYS -> {
        Row row = rows.timers.dueDelay(now.wallMs());
        yield row != null && move(row, Lifecycle.delayElapsed(row.state, now.wallMs()));
      }
      case DISCARDS -> {
        Row row = first(rows.discardable);
        yield row != null
            && move(row, Lifecycle.discard(row.state, row.activation.onAttemptsExceeded()));
      }
      case COMMITTED -> sweepCommitted();
    };
  }

  private static @Nullable Row first(SortedSet<Row> rows) {
    return rows.isEmpty() ? null : rows.first();
  }

  private boolean sweepDeadline(Moment now) {
    Row row = rows.timers.dueDeadline(now);
    if (row == null) {
      return false;
    }
    Transition transition = Lifecycle.deadlineMissed(row.state, now, row.activation.delivery());
    rows.change(
        row,
        missed -> {
          apply(missed, transition);
          if (missed.state instanceof Pending) {
            missed.attempts++;
          }
        });
    return true;
  }

  private boolean sweepLease(Moment now) {
    Row row = rows.timers.dueLease(now);
    // A push that never began cannot have reached a worker.
    return row != null
        && move(
            row,
            Lifecycle.leaseOver(
                row.state, now, row.sent ? row.activation.delivery() : Delivery.AT_LEAST_ONCE));
  }

  private boolean sweepCommitted() {
    Row row = rows.coverage.firstCovered();
    if (row == null) {
      return false;
    }
    if (row.state instanceof Completed) {
      rows.change(row, _ -> {}); // it is covered now, so this ends its stay
    } else if (row.hold == Hold.UNTIL_REDELIVERED) {
      rows.change(
          row,
          late -> {
            late.hold = Hold.NONE;
            apply(late, Lifecycle.overtaken(late.state));
          });
      overtaken++;
    } else {
      rows.change(row, freed -> freed.hold = Hold.NONE);
    }
    return true;
  }

  /** Keys of the unfinished activations of these tasks; costs a look at each row. */
  public List<Long> keysOf(Set<String> tasknames) {
    return rows.all().stream()
        .filter(row -> !(row.state instanceof Completed))
        .filter(row -> tasknames.contains(row.activation.taskname()))
        .filter(row -> !row.activation.isBadRecord())
        .map(row -> row.key)
        .toList();
  }

  /** Removes these, in whatever state; how many there were. */
  public int drop(Collection<Long> keys) {
    int dropped = 0;
    for (long key : keys) {
      Row row = rows.find(key);
      if (row != null && move(row, Lifecycle.drop(row.state))) {
        dropped++;
      }
    }
    return dropped;
  }

  /**
   * Sends pending activations of these namespaces, of whichever application, to their own topic.
   */
  public int demote(Set<String> namespaces, int limit, Moment now) {
    rows.at(now.wallMs());
    List<Row> demoted = rows.ready.oldestOf(namespaces, limit);
    for (Row row : demoted) {
      claim(row, Lifecycle.claim(row.state, now.plus(LONGEST_LEASE), ClaimPurpose.DEMOTION));
    }
    return demoted.size();
  }

  // ---------------------------------------------------------------- outbox

  /** Rows that have to leave by this lane, for one publisher; they are its until it says more. */
  public List<Outgoing> take(Lane lane, int maxRows, long maxBytes) {
    List<Outgoing> taken = new ArrayList<>();
    long bytes = 0;
    for (Row row = rows.outbox.first(lane); row != null; row = rows.outbox.first(lane)) {
      bytes += row.activation.payloadBytes();
      if (taken.size() >= maxRows || (bytes > maxBytes && !taken.isEmpty())) {
        break;
      }
      rows.change(row, outgoing -> outgoing.outgoing = true);
      taken.add(new Outgoing(row.key, row.activation, row.retry));
    }
    return taken;
  }

  /** Kafka has acknowledged these. */
  public int published(Collection<Long> keys) {
    int done = 0;
    for (long key : keys) {
      Row row = rows.find(key);
      if (row != null && move(row, Lifecycle.published(row.state))) {
        done++;
      }
    }
    return done;
  }

  /** These could not be published now; they wait for their next turn. */
  public void giveBack(Collection<Long> keys) {
    for (long key : keys) {
      Row row = rows.find(key);
      if (row != null && row.outgoing) {
        rows.change(row, returned -> returned.outgoing = false);
      }
    }
  }

  /** Kafka will never take this one. It is kept, and holds up nothing. */
  public void park(long key, String reason) {
    Row row = rows.find(key);
    if (row != null && Outbox.laneOf(row) != null) {
      rows.change(
          row,
          parked -> {
            parked.outgoing = false;
            parked.parked = reason;
          });
    }
  }

  /** Lets every parked row try again; for the start of a process. */
  public int unpark() {
    List<Row> parked = rows.all().stream().filter(row -> row.parked != null).toList();
    parked.forEach(one -> rows.change(one, row -> row.parked = null));
    return parked.size();
  }

  // ---------------------------------------------------------------- what is asked of it

  /** How many activations could be handed out now, by application. */
  public Map<String, Integer> readyByApplication() {
    return rows.ready.sizes();
  }

  public Depths depths() {
    return rows.depths();
  }

  /**
   * When the oldest activation that no worker has had yet was due, Unix ms; empty if none waits.
   */
  public OptionalLong oldestDueMs() {
    return rows.unserved.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(rows.unserved.first().activation.dueAtMs());
  }

  public Totals totals() {
    return new Totals(rows.finished(), overtaken);
  }

  /** The task of this id as it stands, or null. */
  public @Nullable StoredActivation find(String id) {
    Row row = rows.find(id);
    return row == null ? null : row.stored();
  }

  // ---------------------------------------------------------------- groups

  /** What the commands since the last {@link #settle()} or {@link #undo()} have changed. */
  public Changes changes() {
    return rows.changes();
  }

  /** The changes are written: what comes next is a new group. */
  public void settle() {
    overtakenBeforeGroup = overtaken;
    rows.settle();
  }

  /** The changes were not written: the engine is as it was before the group. */
  public void undo() {
    overtaken = overtakenBeforeGroup;
    rows.undo();
  }

  // ---------------------------------------------------------------- transitions

  private boolean move(Row row, Transition transition) {
    return switch (transition) {
      case Transition.Moved _ -> {
        rows.change(row, moved -> apply(moved, transition));
        yield true;
      }
      case Transition.Ignored _ -> false;
    };
  }

  private static void apply(Row row, Transition transition) {
    switch (transition) {
      case Transition.Moved(ActivationState to) -> {
        row.state = to;
        row.outgoing = false;
        row.parked = null;
      }
      case Transition.Ignored _ -> {}
    }
  }

  /** How long a worker may be silent. */
  private Duration patience(Activation activation) {
    return settings.deadlineGrace().plus(Duration.ofSeconds(activation.processingDeadlineSec()));
  }
}
