package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.inflight.engine.Claims;
import io.taskbroker.inflight.engine.FailedDeliveries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who has which row of the {@link ModelStore} in hand: what is handed out, and what becomes of it.
 */
final class ModelClaims {
  private final ModelRows rows;
  private final ModelDemand demand;
  private final ModelSteering steering;
  private final ModelWorkers workers;
  private final int maxAttempts;
  private final TimeSource time;
  private Set<String> killed = Set.of();
  private long lastClaim;

  ModelClaims(
      ModelRows rows,
      ModelDemand demand,
      ModelSteering steering,
      ModelWorkers workers,
      int maxAttempts,
      TimeSource time) {
    this.rows = rows;
    this.demand = demand;
    this.steering = steering;
    this.workers = workers;
    this.maxAttempts = maxAttempts;
    this.time = time;
  }

  Optional<Delivered> pull(ClaimFilter filter, Recipient recipient) {
    Moment now = time.now();
    workers.asks(recipient.worker(), List.of(filter));
    Optional<Delivered> next =
        handOut(
                List.of(filter),
                1,
                Long.MAX_VALUE,
                recipient.worker(),
                row -> Lifecycle.pull(row.state, now.plus(rows.patience(row.activation))))
            .stream()
            .findFirst();
    if (next.isPresent() && !recipient.accepts(next.get().claim())) {
      var _ = rest(next.get().claim(), null);
      return Optional.empty();
    }
    return next;
  }

  List<Delivered> many(Want want, Recipient recipient) {
    Moment now = time.now();
    Duration pause = want.longestPause();
    workers.asks(recipient.worker(), want.filters());
    List<Delivered> all =
        handOut(
            want.filters(),
            want.tasks(),
            want.bytes(),
            recipient.worker(),
            row -> {
              Moment limit = now.plus(rows.patience(row.activation));
              Moment due = pause == null ? limit : now.plus(pause);
              return Lifecycle.pull(row.state, due.isBefore(limit) ? due : limit);
            });
    List<Delivered> taken = new ArrayList<>();
    for (Delivered one : all) {
      ModelRow row = rows.find(one.claim().key());
      if (pause != null && row != null) {
        row.limit = now.plus(rows.patience(row.activation));
        row.longestPause = pause;
      }
      if (recipient.accepts(one.claim())) {
        taken.add(one);
      } else {
        var _ = rest(one.claim(), null);
      }
    }
    return taken;
  }

  List<Delivered> forPush(String application, int limit, long maxBytes, Duration lease) {
    Moment leaseEnd = time.now().plus(lease);
    return handOut(
        List.of(new ClaimFilter(application, null)),
        limit,
        maxBytes,
        "",
        row -> Lifecycle.claim(row.state, leaseEnd, ClaimPurpose.PUSH));
  }

  boolean sending(Claim claim, Moment now) {
    ModelRow row = rows.find(claim.key());
    if (row == null
        || row.claim != claim.token()
        || !(row.state instanceof Claimed(Moment end, _))
        || end.isBefore(now)) {
      return false;
    }
    row.sent = true;
    return true;
  }

  void pushFailed(Claim claim, String reason) {
    ModelRow row = rows.find(claim.key());
    if (row != null && row.claim == claim.token()) {
      row.failedDeliveries = FailedDeliveries.after(row.failedDeliveries, reason);
    }
  }

  boolean accepted(Claim claim) {
    ModelRow row = rows.find(claim.key());
    if (row == null || row.claim != claim.token()) {
      return false;
    }
    Moment deadline = time.now().plus(rows.patience(row.activation));
    return rows.move(row, Lifecycle.accepted(row.state, deadline));
  }

  boolean reject(Claim claim, byte[] payload, String reason) {
    ModelRow row = rows.find(claim.key());
    if (row == null
        || row.claim != claim.token()
        || !rows.move(row, Lifecycle.undeliverable(row.state), Ending.UNDELIVERABLE)) {
      return false;
    }
    Activation remains = Activation.undeliverable(row.activation, time.now().wallMs(), reason);
    if (!rows.add(new NewActivation(remains, payload), time.now())) {
      return false;
    }
    ModelRow left = rows.all().getLast();
    left.attempts =
        row.attempts + (row.failedDeliveries == null ? 0 : row.failedDeliveries.times());
    left.failure =
        new Failure(
            FailureCause.UNDELIVERABLE,
            time.now().wallMs(),
            FailedDeliveries.lastOf(row.failedDeliveries));
    return true;
  }

  void drop(Claim claim) {
    ModelRow row = rows.find(claim.key());
    if (row != null && row.claim == claim.token()) {
      rows.move(row, Lifecycle.drop(row.state), Ending.DROPPED);
    }
  }

  int demote(Set<String> namespaces, int limit) {
    Moment leaseEnd = time.now().plus(ModelRows.DEMOTION_LEASE);
    steering.free(time.now());
    List<ModelRow> demoted =
        dueInOrder(List.of(ClaimFilter.ANY)).stream()
            .filter(row -> namespaces.contains(row.activation.namespace()))
            .filter(row -> !isPaused(row))
            .limit(limit)
            .toList();
    for (ModelRow row : demoted) {
      rows.move(row, Lifecycle.claim(row.state, leaseEnd, ClaimPurpose.DEMOTION));
      row.claim = ++lastClaim;
      row.handedOutMs = time.now().wallMs();
      row.worker = null;
      row.sent = false;
    }
    return demoted.size();
  }

  /** Tasks of these names are dropped where they would be handed out. */
  void kill(Set<String> tasknames) {
    killed = Set.copyOf(tasknames);
  }

  private List<Delivered> handOut(
      List<ClaimFilter> filters,
      int limit,
      long maxBytes,
      String worker,
      Function<ModelRow, Transition> how) {
    List<Delivered> handedOut = new ArrayList<>();
    filters.forEach(one -> demand.asked(one.application(), rows.lastKey(), time.now()));
    rows.all().forEach(row -> rows.endDelay(row, time.now()));
    steering.free(time.now());
    long bytes = 0;
    rows.where(row -> row.foundExpired && !row.isExpired(time.now()))
        .forEach(row -> row.foundExpired = false); // the clock has gone back
    for (ModelRow row : dueInOrder(filters)) {
      if (handedOut.size() == limit) {
        break;
      }
      if (killed.contains(row.activation.taskname())) {
        rows.move(row, Lifecycle.drop(row.state), Ending.DROPPED);
        rows.countKilled();
        continue;
      }
      if (isPaused(row)) {
        continue;
      }
      if (row.isExpired(time.now())) {
        row.foundExpired = true;
        continue;
      }
      bytes += row.activation.payloadBytes();
      if (bytes > maxBytes && !handedOut.isEmpty()) {
        break;
      }
      rows.move(row, how.apply(row));
      row.claim = ++lastClaim;
      row.handedOutMs = time.now().wallMs();
      row.worker = worker.isEmpty() ? null : worker;
      row.sent = false;
      String hopeless = FailedDeliveries.objection(row.failedDeliveries, maxAttempts);
      Claim claim =
          new Claim(row.key, row.claim, row.activation, row.attempts, row.retry, hopeless);
      handedOut.add(new Delivered(claim, row.payload));
    }
    return handedOut;
  }

  /** If so, it is remembered, as a row is that was found expired. */
  private boolean isPaused(ModelRow row) {
    steering.of(row.activation).ifPresent(pause -> row.pausedBy = pause);
    return row.pausedBy != null;
  }

  private List<ModelRow> dueInOrder(List<ClaimFilter> filters) {
    long nowMs = time.now().monotonicMs();
    return rows.where(
            row ->
                row.isDue(maxAttempts)
                    && filters.stream().anyMatch(one -> one.matches(row.activation)))
        .sorted(
            Comparator.<ModelRow>comparingLong(row -> row.restsAt(nowMs))
                .thenComparingLong(row -> row.key))
        .toList();
  }

  /** Whether the row is known, and not completed yet. */
  boolean conclude(Report report) {
    ModelRow row = rows.find(report.id());
    if (row == null || row.state instanceof Completed) {
      return false;
    }
    workers.heard(row);
    if (rows.move(
        row,
        Lifecycle.conclude(row.state, report.conclusion()),
        FailureCause.REPORTED,
        time.now())) {
      rows.heard(row);
      row.retry = row.retry.and(report.retry());
    }
    return true;
  }

  /** As {@link #takeBack}; and for a moment others go first. */
  boolean rest(Claim claim, @Nullable String fault) {
    ModelRow row = rows.find(claim.key());
    if (row == null || !takeBack(claim)) {
      return false;
    }
    row.restsUntilMs = time.now().plus(Claims.REST).monotonicMs();
    if (fault != null) {
      row.failedDeliveries = FailedDeliveries.after(row.failedDeliveries, fault);
    }
    return true;
  }

  /** Whether the claim still held, and its row is pending again. */
  boolean takeBack(Claim claim) {
    ModelRow row = rows.find(claim.key());
    return row != null && row.claim == claim.token() && release(row);
  }

  /** Whether somebody had it who has not begun it; it is pending again, and his claim is over. */
  boolean release(ModelRow row) {
    boolean released = rows.move(row, Lifecycle.release(row.state));
    row.claim = released ? 0 : row.claim;
    return released;
  }
}
