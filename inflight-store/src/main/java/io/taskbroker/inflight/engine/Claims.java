package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.PauseTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hands activations out, and takes in what became of them.
 *
 * <p>Each hand-out is a {@link Claim} with a token of its own, so that whoever holds an old one can
 * take back nothing that went to somebody else since.
 */
public final class Claims {
  /** For how long others are handed out before a row whose delivery broke off. */
  public static final Duration REST = Duration.ofSeconds(1);

  /** Larger payloads are not read in the turn that claims them. */
  private static final int MOST_READ_BYTES = 64 * 1024;

  /** Delays that one caller ends before it gets something: some 0.3 ms. */
  private static final int MOST_DELAYS = 64;

  private final Rows rows;
  private final Arrivals arrivals;
  private final EngineSettings settings;
  private Set<String> killed = Set.of();
  private final Rounds rounds;

  Claims(Rows rows, Arrivals arrivals, EngineSettings settings) {
    this.rows = rows;
    this.rounds = rows.rounds;
    this.arrivals = arrivals;
    this.settings = settings;
  }

  // ---------------------------------------------------------------- handing out

  /**
   * From now on nothing of these tasks is handed out: what is found of them when somebody asks is
   * dropped.
   */
  public void kill(Set<String> tasknames) {
    killed = Ordered.copyOf(tasknames);
  }

  /** Workers of these applications are known, so they count as asked for always. */
  public void serve(Set<String> applications, Moment now) {
    rows.indexes.at(now);
    rows.indexes.demand.serve(applications);
  }

  /**
   * Hands the oldest due activations to a worker, at most {@code limit}. If they are fewer and the
   * turn's budget is spent, there may be more.
   */
  public List<Claim> pull(ClaimFilter filter, int limit, Moment now) {
    return pull(List.of(filter), limit, Long.MAX_VALUE, null, "", now);
  }

  /**
   * As the other.
   *
   * @param filters what one of them lets through will do
   * @param maxBytes of payload together; a single activation may have more, and is alone then
   * @param longestPause between two signs of life that the worker promises; null if it promises
   *     none
   * @param worker who asks, for people; empty if nobody knows
   */
  public List<Claim> pull(
      List<ClaimFilter> filters,
      int limit,
      long maxBytes,
      @Nullable Duration longestPause,
      String worker,
      Moment now) {
    List<Claim> claims =
        claim(
            filters,
            limit,
            maxBytes,
            rows.indexes.workers.asks(worker, filters, now),
            now,
            row -> Lifecycle.pull(row.state, deadline(row, longestPause, now)));
    if (longestPause != null) {
      claims.forEach(claim -> promise(claim, longestPause, now));
    }
    return claims;
  }

  private void promise(Claim claim, Duration longestPause, Moment now) {
    Row row = find(claim);
    if (row != null) {
      Moment limit = deadline(row.activation, now);
      rows.note(row, beating -> beating.heartbeats = new Heartbeats(limit, longestPause));
    }
  }

  private Moment deadline(Row row, @Nullable Duration longestPause, Moment now) {
    Moment limit = deadline(row.activation, now);
    return longestPause == null ? limit : new Heartbeats(limit, longestPause).deadline(now);
  }

  /**
   * Takes the oldest due activations of one application for a push. If they are fewer than {@code
   * limit} and the turn's budget is spent, there may be more.
   *
   * @param maxBytes of payload together; a single activation may have more, and is alone then
   */
  public List<Claim> claimForPush(
      String application, int limit, long maxBytes, Duration lease, Moment now) {
    Moment end = now.plus(lease);
    return claim(
        List.of(new ClaimFilter(application, null)),
        limit,
        maxBytes,
        null,
        now,
        row -> Lifecycle.claim(row.state, end, ClaimPurpose.PUSH));
  }

  private List<Claim> claim(
      List<ClaimFilter> filters,
      int limit,
      long maxBytes,
      WorkerTable.@Nullable Worker worker,
      Moment now,
      Function<Row, Transition> transition) {
    rows.indexes.at(now);
    for (ClaimFilter filter : filters) {
      rows.indexes.demand.asked(filter.application());
    }
    endRests(now);
    takeBackUnexpired(now);
    endDelays(now);
    rows.free(MOST_DELAYS, now);
    List<Claim> claims = new ArrayList<>(Math.min(limit, 16));
    long bytes = 0;
    while (claims.size() < limit && !rows.budget().isSpent()) {
      Row row = oldestUnexpired(filters, now);
      bytes += row == null ? 0 : row.activation.payloadBytes();
      if (row == null || (bytes > maxBytes && !claims.isEmpty())) {
        break;
      }
      claims.add(claim(row, transition.apply(row), worker));
      rows.budget().payload(Math.min(row.activation.payloadBytes(), MOST_READ_BYTES));
    }
    return claims;
  }

  private void endRests(Moment now) {
    Timers timers = rows.indexes.timers;
    for (Row row = timers.restedBy(now);
        row != null && !rows.budget().isSpent();
        row = timers.restedBy(now)) {
      rows.change(row, rested -> rested.restsUntilMs = 0);
    }
  }

  /** The clock has gone back since these were found expired. */
  private void takeBackUnexpired(Moment now) {
    Timers timers = rows.indexes.timers;
    for (Row row = timers.unexpiredAfterAll(now.wallMs());
        row != null && !rows.budget().isSpent();
        row = timers.unexpiredAfterAll(now.wallMs())) {
      rows.change(row, unexpired -> unexpired.aside = false);
    }
  }

  /** Some of those that are over: of very many, most are left to others who ask. */
  private void endDelays(Moment now) {
    int ended = 0;
    while (ended < MOST_DELAYS && !rows.budget().isSpent() && rows.endDelay(now)) {
      ended++;
    }
  }

  private @Nullable Row oldestUnexpired(List<ClaimFilter> filters, Moment now) {
    for (Row row = oldest(filters);
        row != null && !rows.budget().isSpent();
        row = oldest(filters)) {
      Long expiresAtMs = row.activation.expiresAtMs();
      if (killed.contains(row.activation.taskname())) {
        rows.move(row, Lifecycle.drop(row.state), Ending.DROPPED);
        rows.countKilled();
      } else if (!goes(row) && !keepsBack(row)) {
        if (expiresAtMs == null || expiresAtMs > now.wallMs()) {
          return row;
        }
        rows.change(row, expired -> expired.aside = true);
      }
    }
    return null;
  }

  private @Nullable Row oldest(List<ClaimFilter> filters) {
    ReadyIndex ready = rows.indexes.ready;
    Row oldest = ready.oldest(filters.getFirst());
    for (int i = 1; i < filters.size(); i++) {
      Row other = ready.oldest(filters.get(i));
      if (oldest == null || (other != null && Row.BY_ARRIVAL.compare(other, oldest) < 0)) {
        oldest = other;
      }
    }
    return oldest;
  }

  /** Whether its partition goes; then it is out of the way, for its next owner. */
  private boolean goes(Row row) {
    if (!rows.standings.isGoing(row.activation.partition())) {
      return false;
    }
    rows.change(row, leaving -> leaving.going = true);
    return true;
  }

  /** Whether it is paused; then it is out of the way until the pause ends. */
  private boolean keepsBack(Row row) {
    PauseTarget pause = rows.indexes.pauses.of(row.activation);
    if (pause == null) {
      return false;
    }
    rows.change(row, paused -> paused.pausedBy = pause);
    return true;
  }

  /**
   * Sends pending activations of these namespaces, of whichever application, to their own topic. If
   * they are fewer than {@code limit} and the turn's budget is spent, there may be more.
   */
  public int demote(Set<String> namespaces, int limit, Moment now) {
    rows.indexes.at(now);
    Moment end = now.plus(EngineSettings.DEMOTION_LEASE);
    int demoted = 0;
    rows.free(MOST_DELAYS, now);
    while (demoted < limit && !rows.budget().isSpent()) {
      Row row = rows.indexes.ready.someOf(namespaces);
      if (row == null) {
        break;
      }
      if (goes(row) || keepsBack(row)) {
        continue;
      }
      claim(row, Lifecycle.claim(row.state, end, ClaimPurpose.DEMOTION), null);
      demoted++;
    }
    return demoted;
  }

  /**
   * @param worker who gets it; null if nobody knows
   */
  private Claim claim(Row row, Transition transition, WorkerTable.@Nullable Worker worker) {
    long token = rounds.next(row.key);
    rows.change(
        row,
        claimed -> {
          claimed.follow(transition);
          claimed.token = token;
          claimed.sent = false;
          claimed.handedOutMs = rows.indexes.nowMs();
          claimed.handedTo = worker;
        });
    String hopeless = FailedDeliveries.objection(row.failedDeliveries, settings.maxAttempts());
    return new Claim(row.key, token, row.activation, row.attempts, row.retry, hopeless);
  }

  // ---------------------------------------------------------------- what became of it

  /**
   * The push of this claim begins.
   *
   * @return false if the claim is no longer good, and nothing may be sent. One whose lease is over
   *     is not: its silence is about to be judged
   */
  public boolean sending(Claim claim, Moment now) {
    Row row = find(claim);
    if (row == null || !(row.state instanceof Claimed(Moment end, _)) || end.isBefore(now)) {
      return false;
    }
    rows.note(row, sending -> sending.sent = true);
    return true;
  }

  /**
   * The push of this claim has failed, and the activation is to blame. It stays claimed; when that
   * has happened as often as attempts are allowed, later claims of it are hopeless.
   *
   * @return false if the claim is not the row's latest
   */
  public boolean pushFailed(Claim claim, String reason) {
    Row row = find(claim);
    if (row == null) {
      return false;
    }
    rows.note(
        row,
        failed ->
            failed.failedDeliveries = FailedDeliveries.after(failed.failedDeliveries, reason));
    return true;
  }

  /**
   * The delivery of this claim broke off before its worker had all of it. It is pending again, and
   * for a moment others are handed out before it.
   *
   * @param fault why the activation itself is to blame, which is counted as a failed push is; null
   *     if it is not
   * @return false if the claim is not the row's latest, or the activation has moved on
   */
  public boolean brokeOff(Claim claim, @Nullable String fault, Moment now) {
    rows.indexes.at(now);
    Row row = find(claim);
    if (row == null || !release(row)) {
      return false;
    }
    rows.change(
        row,
        broken -> {
          broken.restsUntilMs = now.plus(REST).monotonicMs();
          if (fault != null) {
            broken.failedDeliveries = FailedDeliveries.after(broken.failedDeliveries, fault);
          }
        });
    return true;
  }

  /** The worker who asked for it is only given it now. False if the claim is no longer good. */
  public boolean handedLate(Claim claim, Moment now) {
    rows.indexes.at(now);
    Row row = find(claim);
    if (row == null) {
      return false;
    }
    Heartbeats before = row.heartbeats;
    Duration longestPause = before == null ? null : before.longestPause();
    boolean moved =
        rows.move(row, Lifecycle.handedLate(row.state, deadline(row, longestPause, now)));
    if (moved && longestPause != null) {
      promise(claim, longestPause, now);
    }
    return moved;
  }

  /** The worker has accepted it. False if the claim is no longer good. */
  public boolean accepted(Claim claim, Moment now) {
    rows.indexes.at(now);
    Row row = find(claim);
    return row != null
        && rows.move(row, Lifecycle.accepted(row.state, deadline(row.activation, now)));
  }

  /**
   * No worker can ever take what was claimed: it is over, and its payload leaves for the
   * dead-letter topic as a bad record.
   *
   * @return the key of the bad record, whose payload is the claimed one's; 0 if the claim is no
   *     longer good
   */
  public long reject(Claim claim, String reason, Moment now) {
    rows.indexes.at(now);
    Row row = find(claim);
    if (row == null || !rows.move(row, Lifecycle.undeliverable(row.state), Ending.UNDELIVERABLE)) {
      return 0;
    }
    Activation remains = Activation.undeliverable(row.activation, now.wallMs(), reason);
    long key = arrivals.add(new Arrival(remains, Route.WORKERS), now);
    Row left = rows.find(key);
    if (left != null) {
      FailedDeliveries pushes = row.failedDeliveries;
      rows.change(
          left,
          bad -> {
            bad.attempts = row.attempts + (pushes == null ? 0 : pushes.times());
            bad.failure =
                new Failure(
                    FailureCause.UNDELIVERABLE, now.wallMs(), FailedDeliveries.lastOf(pushes));
          });
    }
    return key;
  }

  /**
   * Takes a claim back of which it is certain that no worker received it; no attempt is counted.
   *
   * @return false if the claim is not the row's latest, or the activation has moved on
   */
  public boolean release(Claim claim, Moment now) {
    rows.indexes.at(now);
    Row row = find(claim);
    return row != null && release(row);
  }

  /** Makes a row pending that nobody has begun, at its old place; its token is good no more. */
  boolean release(Row row) {
    Transition transition = Lifecycle.release(row.state);
    if (transition instanceof Transition.Ignored) {
      return false;
    }
    rows.change(
        row,
        released -> {
          released.follow(transition);
          released.token = Token.NONE;
        });
    return true;
  }

  /** A rule ends what was claimed. False if the claim is not the row's latest. */
  public boolean drop(Claim claim) {
    Row row = find(claim);
    return row != null && rows.move(row, Lifecycle.drop(row.state), Ending.DROPPED);
  }

  /** The row of this claim; null if it is gone, or has been claimed anew since. */
  private @Nullable Row find(Claim claim) {
    Row row = rows.find(claim.key());
    return row != null && row.token == claim.token() ? row : null;
  }

  /**
   * Records a worker's report.
   *
   * @return false if no such activation is stored, or it is over already
   */
  public boolean conclude(String id, Conclusion conclusion, RetryOverride override, Moment now) {
    rows.indexes.at(now);
    Row row = rows.find(id);
    if (row == null) {
      return false;
    }
    WorkerTable.heard(row, now);
    Transition transition = Lifecycle.conclude(row.state, conclusion);
    boolean moved = rows.move(row, transition, FailureCause.REPORTED, now.wallMs());
    if (moved) {
      rows.reported(row);
    }
    if (moved && !override.equals(RetryOverride.NONE)) {
      rows.note(row, concluded -> concluded.retry = concluded.retry.and(override));
    }
    return !(row.state instanceof Completed) || transition instanceof Transition.Moved;
  }

  private Moment deadline(Activation activation, Moment now) {
    return now.plus(settings.patience(activation));
  }
}
