package io.taskbroker.testkit.store;

import static java.util.concurrent.CompletableFuture.completedStage;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Outgoing;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.rules.Found;
import io.taskbroker.inflight.engine.Claims;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.FailedDeliveries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A store over a plain map: slow, and obviously right. Each question is answered by looking at
 * every row, and each answer applies {@link Lifecycle} to one row after the other.
 *
 * <p>It is what other stores are compared with. It keeps nothing when the process ends; {@link
 * #reopen} makes of its rows what a new process would.
 */
public final class ModelStore
    implements Store, IntakeStore, DispatchStore, PushStore, SweepStore, RulesStore, OutboxStore {
  private final ModelRows rows;
  private final int maxAttempts;
  private final TimeSource time;
  private final ModelDemand demand;
  private Set<String> killed = Set.of();
  private long lastClaim;

  public ModelStore(EngineSettings settings, TimeSource time) {
    this.rows = new ModelRows(settings);
    this.maxAttempts = settings.maxAttempts();
    this.time = time;
    this.demand = new ModelDemand(time.now());
  }

  /** All rows as they stand. */
  public synchronized List<KeptRow> rows() {
    return rows.all().stream().map(row -> KeptRow.of(row.stored())).toList();
  }

  /** Forgets what no store writes down: who had what in hand, and which topics are consumed. */
  public synchronized void reopen() {
    killed = Set.of();
    rows.reopen(time.now());
    demand.reopen(time.now());
  }

  // ---------------------------------------------------------------- the door

  @Override
  public IntakeStore intake() {
    return this;
  }

  @Override
  public DispatchStore dispatch() {
    return this;
  }

  @Override
  public PushStore pushes() {
    return this;
  }

  @Override
  public SweepStore sweeps() {
    return this;
  }

  @Override
  public RulesStore rules() {
    return this;
  }

  @Override
  public OutboxStore outbox() {
    return this;
  }

  @Override
  public synchronized StoreSize size() {
    return new StoreSize(rows.payloadBytes(), 0);
  }

  @Override
  public int waiting() {
    return 0;
  }

  /** Does nothing: the store holds nothing that has to be given back. */
  @Override
  public void close() {}

  // ---------------------------------------------------------------- intake

  @Override
  public synchronized int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    if (epoch.hasEnded()) {
      String message = "the batch was read in an assignment that has ended";
      throw new StoreException.Rejected(message, new IllegalStateException(message));
    }
    int added = 0;
    for (NewActivation arriving : batch) {
      if (rows.add(arriving, time.now())) {
        added++;
      }
    }
    return added;
  }

  @Override
  public synchronized void acknowledged(Map<Partition, Long> positions) {
    rows.acknowledge(positions);
  }

  @Override
  public synchronized void assigned(Map<Partition, Long> positions) {
    rows.standAt(positions);
  }

  @Override
  public synchronized void lost(Collection<Partition> partitions) {
    rows.lose(partitions);
  }

  @Override
  public synchronized Set<Partition> awaitedPartitions() {
    return Set.copyOf(rows.awaited());
  }

  @Override
  public synchronized Backpressure.Load load() {
    return new Backpressure.Load(depths(), rows.payloadBytes(), 0);
  }

  // ---------------------------------------------------------------- dispatch

  @Override
  public synchronized CompletionStage<Optional<Delivered>> claim(
      ClaimFilter filter, Recipient recipient) {
    return completedStage(pull(filter, recipient));
  }

  private Optional<Delivered> pull(ClaimFilter filter, Recipient recipient) {
    Moment now = time.now();
    Optional<Delivered> next =
        handOut(
                filter,
                1,
                Long.MAX_VALUE,
                row -> Lifecycle.pull(row.state, now.plus(rows.patience(row.activation))))
            .stream()
            .findFirst();
    if (next.isPresent() && !recipient.accepts(next.get().claim())) {
      var _ = rest(next.get().claim(), null);
      return Optional.empty();
    }
    return next;
  }

  @Override
  public synchronized CompletionStage<List<Delivered>> claimForPush(
      String application, int limit, long maxBytes, Duration lease) {
    Moment leaseEnd = time.now().plus(lease);
    return completedStage(
        handOut(
            new ClaimFilter(application, null),
            limit,
            maxBytes,
            row -> Lifecycle.claim(row.state, leaseEnd, ClaimPurpose.PUSH)));
  }

  private List<Delivered> handOut(
      ClaimFilter filter, int limit, long maxBytes, Function<ModelRow, Transition> how) {
    List<Delivered> handedOut = new ArrayList<>();
    demand.asked(filter.application(), rows.lastKey(), time.now());
    rows.all().forEach(row -> rows.endDelay(row, time.now()));
    long bytes = 0;
    rows.where(row -> row.foundExpired && !row.isExpired(time.now()))
        .forEach(row -> row.foundExpired = false); // the clock has gone back
    for (ModelRow row : dueInOrder(filter)) {
      if (handedOut.size() == limit) {
        break;
      }
      if (killed.contains(row.activation.taskname())) {
        rows.move(row, Lifecycle.drop(row.state));
        rows.countKilled();
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
      row.sent = false;
      String hopeless = FailedDeliveries.objection(row.failedDeliveries, maxAttempts);
      Claim claim =
          new Claim(row.key, row.claim, row.activation, row.attempts, row.retry, hopeless);
      handedOut.add(new Delivered(claim, row.payload));
    }
    return handedOut;
  }

  private List<ModelRow> dueInOrder(ClaimFilter filter) {
    long nowMs = time.now().monotonicMs();
    return rows.where(row -> row.isDue(maxAttempts) && filter.matches(row.activation))
        .sorted(
            Comparator.<ModelRow>comparingLong(row -> row.restsAt(nowMs))
                .thenComparingLong(row -> row.key))
        .toList();
  }

  @Override
  public synchronized CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    boolean known = record(report);
    return completedStage(
        new Concluded(known, next == null ? Optional.empty() : pull(next, recipient)));
  }

  @Override
  public synchronized CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    return completedStage(reports.stream().map(this::record).toList());
  }

  private boolean record(Report report) {
    ModelRow row = rows.find(report.id());
    if (row == null || row.state instanceof Completed) {
      return false;
    }
    if (rows.move(
        row,
        Lifecycle.conclude(row.state, report.conclusion()),
        FailureCause.REPORTED,
        time.now())) {
      row.retry = row.retry.and(report.retry());
    }
    return true;
  }

  /** Nobody waits here: who asks is answered at once. */
  @Override
  public void leave(Recipient recipient) {}

  @Override
  public void endWaits() {}

  @Override
  public synchronized void release(Collection<Claim> claims) {
    claims.forEach(this::takeBack);
  }

  private boolean rest(Claim claim, @Nullable String fault) {
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

  private boolean takeBack(Claim claim) {
    ModelRow row = rows.find(claim.key());
    return row != null
        && row.claim == claim.number()
        && rows.move(row, Lifecycle.release(row.state));
  }

  @Override
  public synchronized CompletionStage<Boolean> sending(Claim claim) {
    ModelRow row = rows.find(claim.key());
    if (row == null || row.claim != claim.number() || !(row.state instanceof Claimed)) {
      return completedStage(false);
    }
    row.sent = true;
    return completedStage(true);
  }

  @Override
  public synchronized void pushFailed(Claim claim, String reason) {
    ModelRow row = rows.find(claim.key());
    if (row != null && row.claim == claim.number()) {
      row.failedDeliveries = FailedDeliveries.after(row.failedDeliveries, reason);
    }
  }

  @Override
  public synchronized CompletionStage<Boolean> accepted(Claim claim) {
    ModelRow row = rows.find(claim.key());
    if (row == null || row.claim != claim.number()) {
      return completedStage(false);
    }
    Moment deadline = time.now().plus(rows.patience(row.activation));
    return completedStage(rows.move(row, Lifecycle.accepted(row.state, deadline)));
  }

  @Override
  public synchronized CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    ModelRow row = rows.find(claim.key());
    if (row == null
        || row.claim != claim.number()
        || !rows.move(row, Lifecycle.undeliverable(row.state))) {
      return completedStage(false);
    }
    Activation remains = Activation.undeliverable(row.activation, time.now().wallMs(), reason);
    if (!rows.add(new NewActivation(remains, payload), time.now())) {
      return completedStage(false);
    }
    ModelRow left = rows.all().getLast();
    left.attempts =
        row.attempts + (row.failedDeliveries == null ? 0 : row.failedDeliveries.times());
    left.failure =
        new Failure(
            FailureCause.UNDELIVERABLE,
            time.now().wallMs(),
            FailedDeliveries.lastOf(row.failedDeliveries));
    return completedStage(true);
  }

  @Override
  public synchronized void brokeOff(Claim claim, @Nullable String fault) {
    boolean _ = rest(claim, fault);
  }

  @Override
  public synchronized void drop(Claim claim) {
    ModelRow row = rows.find(claim.key());
    if (row != null && row.claim == claim.number()) {
      rows.move(row, Lifecycle.drop(row.state));
    }
  }

  @Override
  public synchronized void serves(Set<String> applications) {
    demand.serve(applications, rows.lastKey(), time.now());
  }

  @Override
  public synchronized List<ApplicationDepth> applications() {
    return rows
        .where(row -> row.state instanceof Pending)
        .collect(
            Collectors.groupingBy(
                row -> row.activation.application(), TreeMap::new, Collectors.summingInt(_ -> 1)))
        .entrySet()
        .stream()
        .map(one -> demand.depth(one.getKey(), one.getValue(), time.now()))
        .toList();
  }

  @Override
  public synchronized boolean hasPending() {
    return depths().pending() > 0;
  }

  @Override
  public synchronized Map<String, Integer> pendingByApplication() {
    return rows.where(row -> row.isDue(maxAttempts))
        .collect(
            Collectors.groupingBy(
                row -> row.activation.application(), Collectors.summingInt(_ -> 1)));
  }

  // ---------------------------------------------------------------- upkeep

  @Override
  public synchronized int sweep(Sweep kind, int limit) {
    Moment now = time.now();
    int done = 0;
    for (ModelRow row : rows.all()) {
      if (done < limit && rows.sweep(kind, row, now)) {
        done++;
      }
    }
    return done;
  }

  @Override
  public synchronized void onlyConsumed(Set<String> topics) {
    rows.onlyConsumed(topics);
  }

  @Override
  public synchronized int unpark() {
    List<ModelRow> parked = rows.where(row -> row.parked != null).toList();
    parked.forEach(row -> row.parked = null);
    return parked.size();
  }

  @Override
  public boolean reclaim() {
    return false;
  }

  @Override
  public void rewrite() {}

  @Override
  public synchronized Depths depths() {
    return rows.depths(time.now(), demand);
  }

  @Override
  public synchronized Totals totals() {
    return rows.totals();
  }

  @Override
  public synchronized Optional<Activation> lastExhausted() {
    return rows.lastExhausted();
  }

  @Override
  public synchronized Duration lag() {
    return rows.where(ModelRow::isUnserved)
        .map(row -> Times.minus(time.now().wallMs(), row.activation.dueAtMs()))
        .max(Comparator.naturalOrder())
        .map(waitedMs -> Duration.ofMillis(Math.max(0, waitedMs)))
        .orElse(Duration.ZERO);
  }

  // ---------------------------------------------------------------- rules

  @Override
  public synchronized void kill(Set<String> tasknames) {
    killed = Set.copyOf(tasknames);
  }

  @Override
  public synchronized Found find(Set<String> tasknames, long after) {
    Map<Long, String> found =
        rows.where(row -> !(row.state instanceof Completed) && !row.activation.isBadRecord())
            .filter(row -> row.key > after && tasknames.contains(row.activation.taskname()))
            .collect(Collectors.toMap(row -> row.key, row -> row.activation.taskname()));
    return new Found(new TreeMap<>(found), Long.MAX_VALUE, true);
  }

  @Override
  public synchronized Payloads payloadsOf(List<Long> keys) {
    Map<Long, byte[]> payloads =
        rows.where(row -> keys.contains(row.key) && !(row.state instanceof Completed))
            .collect(Collectors.toMap(row -> row.key, row -> row.payload));
    Map<Long, byte[]> first = new HashMap<>();
    long bytes = 0;
    int count = 0;
    for (long key : keys) {
      byte[] payload = payloads.get(key);
      bytes += payload == null ? 0 : payload.length;
      if (count == Payloads.MOST_ROWS || (bytes > Payloads.MOST_BYTES && count > 0)) {
        break;
      }
      if (payload != null) {
        first.put(key, payload);
      }
      count++;
    }
    return new Payloads(count, first);
  }

  @Override
  public synchronized int drop(Collection<Long> keys) {
    return (int)
        rows.where(row -> keys.contains(row.key))
            .filter(row -> rows.move(row, Lifecycle.drop(row.state)))
            .count();
  }

  @Override
  public synchronized int demote(Set<String> namespaces, int limit) {
    Moment leaseEnd = time.now().plus(ModelRows.LONGEST_LEASE);
    List<ModelRow> demoted =
        dueInOrder(ClaimFilter.ANY).stream()
            .filter(row -> namespaces.contains(row.activation.namespace()))
            .limit(limit)
            .toList();
    for (ModelRow row : demoted) {
      rows.move(row, Lifecycle.claim(row.state, leaseEnd, ClaimPurpose.DEMOTION));
      row.claim = ++lastClaim;
      row.sent = false;
    }
    return demoted.size();
  }

  // ---------------------------------------------------------------- outbox

  @Override
  public synchronized List<Taken> take(Lane lane, int maxRows, long maxBytes) {
    List<Taken> taken = new ArrayList<>();
    long bytes = 0;
    rows.where(row -> row.parked != null && row.parkedUntilMs <= time.now().monotonicMs())
        .forEach(row -> row.parked = null);
    for (ModelRow row : rows.where(row -> isWaitingIn(lane, row)).toList()) {
      bytes += row.activation.payloadBytes();
      if (taken.size() == maxRows || (bytes > maxBytes && !taken.isEmpty())) {
        break;
      }
      row.outgoing = true;
      row.underWay = row.activation.isAtMostOnce() && lane != Lane.DEAD_LETTER;
      taken.add(
          new Taken(
              new Outgoing(
                  row.key, row.activation, row.retry, row.attempts, row.failure, row.refusals),
              row.payload));
    }
    return taken;
  }

  private static boolean isWaitingIn(Lane lane, ModelRow row) {
    return ModelRows.laneOf(row) == lane && !row.outgoing && row.parked == null && !row.isWaiting();
  }

  @Override
  public synchronized void published(Collection<Long> keys) {
    for (long key : keys) {
      ModelRow row = rows.find(key);
      if (row != null) {
        rows.move(row, Lifecycle.published(row.state));
      }
    }
  }

  @Override
  public synchronized void giveBack(Collection<Long> keys) {
    for (long key : keys) {
      ModelRow row = rows.find(key);
      if (row != null) {
        row.outgoing = false;
        row.underWay = false;
      }
    }
  }

  @Override
  public synchronized void uncertain(Collection<Long> keys, String reason) {
    for (long key : keys) {
      ModelRow row = rows.find(key);
      if (row != null) {
        rows.lose(row, reason, time.now());
      }
    }
  }

  @Override
  public synchronized void refused(long key, String reason) {
    ModelRow row = rows.find(key);
    if (row != null) {
      long restSec = Math.min(300, 5L << Math.min(row.refusals, 10));
      park(key, reason, time.now().plus(Duration.ofSeconds(restSec)).monotonicMs());
    }
  }

  @Override
  public synchronized void park(long key, String reason) {
    park(key, reason, Long.MAX_VALUE);
  }

  private void park(long key, String reason, long untilMs) {
    ModelRow row = rows.find(key);
    if (row != null && ModelRows.laneOf(row) != null) {
      row.outgoing = false;
      row.underWay = false;
      row.parked = reason;
      row.refusals++;
      row.parkedUntilMs = untilMs;
    }
  }
}
