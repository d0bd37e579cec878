package io.taskbroker.testkit.store;

import static java.util.concurrent.CompletableFuture.completedStage;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.operations.SteeringStore;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.Outliers;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.domain.operator.WorkerSight;
import io.taskbroker.domain.rules.Found;
import io.taskbroker.inflight.engine.EngineSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A store over a plain map: slow, and obviously right. Each question is answered by looking at
 * every row, and each answer applies {@link Lifecycle} to one row after the other. Here are the
 * ports and the lock; the parts know of neither.
 *
 * <p>It is what other stores are compared with. It keeps nothing when the process ends; {@link
 * #reopen} makes of its rows what a new process would.
 */
public final class ModelStore
    implements Store,
        IntakeStore,
        DispatchStore,
        PushStore,
        SweepStore,
        RulesStore,
        OutboxStore,
        StoredTasks,
        SteeringStore,
        RuleOrderStore,
        AttemptStore {
  private final ModelRows rows;
  private final int maxAttempts;
  private final TimeSource time;
  private final ModelDemand demand;
  private final ModelClaims claims;
  private final ModelSweeps sweeps;
  private final ModelOutbox outbox;
  private final ModelSearch search;
  private final ModelWaiting waiting;
  private final ModelTasks tasks;
  private final ModelSteering steering;
  private final ModelAttempts attempts;
  private final ModelWorkers workers;
  private Optional<Drain> drain = Optional.empty();
  private final Map<String, String> ruleOrders = new TreeMap<>();

  public ModelStore(EngineSettings settings, TimeSource time) {
    this.rows = new ModelRows(settings, time);
    this.maxAttempts = settings.maxAttempts();
    this.time = time;
    this.demand = new ModelDemand(time.now());
    this.search = new ModelSearch(rows);
    this.waiting = new ModelWaiting(rows, demand);
    this.tasks = new ModelTasks(rows);
    this.steering = new ModelSteering(rows);
    this.workers = new ModelWorkers(rows, time);
    this.claims = new ModelClaims(rows, demand, steering, workers, maxAttempts, time);
    this.attempts = new ModelAttempts(rows, claims, workers, time);
    this.sweeps = new ModelSweeps(rows, settings);
    this.outbox = new ModelOutbox(rows, time);
  }

  /** All rows as they stand. */
  public synchronized List<KeptRow> rows() {
    return rows.all().stream().map(row -> KeptRow.of(row.stored())).toList();
  }

  /** Forgets what no store writes down: who had what in hand, and which topics are consumed. */
  public synchronized void reopen() {
    claims.kill(Set.of());
    rows.reopen(time.now());
    demand.reopen(time.now());
    workers.reopen();
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
  public StoredTasks tasks() {
    return this;
  }

  @Override
  public SteeringStore steering() {
    return this;
  }

  @Override
  public RuleOrderStore ruleOrders() {
    return this;
  }

  @Override
  public AttemptStore attempts() {
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
    return completedStage(claims.pull(filter, recipient));
  }

  @Override
  public synchronized CompletionStage<List<Delivered>> claimForPush(
      String application, int limit, long maxBytes, Duration lease) {
    return completedStage(claims.forPush(application, limit, maxBytes, lease));
  }

  @Override
  public synchronized CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    boolean known = claims.conclude(report);
    return completedStage(
        new Concluded(known, next == null ? Optional.empty() : claims.pull(next, recipient)));
  }

  @Override
  public synchronized CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    return completedStage(reports.stream().map(claims::conclude).toList());
  }

  @Override
  public synchronized CompletionStage<List<Delivered>> claim(Want want, Recipient recipient) {
    return completedStage(claims.many(want, recipient));
  }

  @Override
  public synchronized CompletionStage<List<Answer>> tell(List<News> news) {
    return completedStage(news.stream().map(attempts::tell).toList());
  }

  @Override
  public synchronized CompletionStage<List<Holding>> holding(
      List<Attempt> held, @Nullable Duration longestPause, String worker) {
    return completedStage(
        held.stream().map(one -> attempts.holding(one, longestPause, worker)).toList());
  }

  /** Nobody waits here: who asks is answered at once. */
  @Override
  public void leave(Recipient recipient) {}

  @Override
  public void endWaits() {}

  @Override
  public synchronized void release(Collection<Claim> handedOut) {
    handedOut.forEach(claims::takeBack);
  }

  @Override
  public synchronized CompletionStage<Boolean> sending(Claim claim) {
    return completedStage(claims.sending(claim, time.now()));
  }

  @Override
  public synchronized void pushFailed(Claim claim, String reason) {
    claims.pushFailed(claim, reason);
  }

  @Override
  public synchronized CompletionStage<Boolean> accepted(Claim claim) {
    return completedStage(claims.accepted(claim));
  }

  @Override
  public synchronized CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    return completedStage(claims.reject(claim, payload, reason));
  }

  @Override
  public synchronized void brokeOff(Claim claim, @Nullable String fault) {
    boolean _ = claims.rest(claim, fault);
  }

  @Override
  public synchronized void drop(Claim claim) {
    claims.drop(claim);
  }

  @Override
  public synchronized void serves(Set<String> applications) {
    demand.serve(applications, rows.lastKey(), time.now());
  }

  @Override
  public synchronized List<ApplicationDepth> applications() {
    return waiting.applications(time.now());
  }

  @Override
  public synchronized boolean hasPending() {
    return depths().pending() > 0;
  }

  @Override
  public synchronized Map<String, Integer> pendingByApplication() {
    return waiting.dueByApplication(maxAttempts);
  }

  // ---------------------------------------------------------------- upkeep

  @Override
  public synchronized int sweep(Sweep kind, int limit) {
    if (kind == Sweep.DELAYS) {
      steering.free(time.now());
    }
    return sweeps.sweep(kind, limit, time.now());
  }

  @Override
  public synchronized void onlyConsumed(Set<String> topics) {
    rows.onlyConsumed(topics);
  }

  @Override
  public synchronized int unpark() {
    return outbox.unpark();
  }

  @Override
  public boolean reclaim() {
    return false;
  }

  @Override
  public void rewrite() {}

  @Override
  public synchronized Depths depths() {
    return new ModelDepths(rows).at(time.now(), demand);
  }

  @Override
  public synchronized Totals totals() {
    return rows.totals();
  }

  @Override
  public synchronized Optional<Activation> lastExhausted() {
    return sweeps.lastExhausted();
  }

  @Override
  public synchronized Outliers outliers() {
    return rows.outliers();
  }

  @Override
  public synchronized Optional<Activation> largest() {
    return Optional.ofNullable(rows.outliers().largest());
  }

  @Override
  public synchronized Duration lag() {
    return waiting.lag(time.now());
  }

  // ---------------------------------------------------------------- rules

  @Override
  public synchronized void kill(Set<String> tasknames) {
    claims.kill(tasknames);
  }

  @Override
  public synchronized Found find(Set<String> tasknames, long after) {
    return search.find(tasknames, after);
  }

  @Override
  public synchronized Payloads payloadsOf(List<Long> keys) {
    return search.payloadsOf(keys);
  }

  @Override
  public synchronized int drop(Collection<Long> keys) {
    return search.drop(keys);
  }

  @Override
  public synchronized int demote(Set<String> namespaces, int limit) {
    return claims.demote(namespaces, limit);
  }

  // ---------------------------------------------------------------- outbox

  @Override
  public synchronized List<Taken> take(Lane lane, int maxRows, long maxBytes) {
    return outbox.take(lane, maxRows, maxBytes);
  }

  @Override
  public synchronized void published(Collection<Long> keys) {
    outbox.published(keys);
  }

  @Override
  public synchronized void giveBack(Collection<Long> keys) {
    outbox.giveBack(keys);
  }

  @Override
  public synchronized void uncertain(Collection<Long> keys, String reason) {
    outbox.uncertain(keys, reason);
  }

  @Override
  public synchronized void refused(long key, String reason) {
    outbox.refused(key, reason);
  }

  @Override
  public synchronized void park(long key, String reason) {
    outbox.park(key, reason);
  }

  // ---------------------------------------------------------------- operators

  @Override
  public synchronized TaskPage list(TaskFilter filter, long after, int limit) {
    return tasks.list(filter, after, limit);
  }

  @Override
  public synchronized Optional<StoredTask> find(String id) {
    return tasks.find(id);
  }

  @Override
  public synchronized EndedPage ended(
      TaskFilter filter, @Nullable Ending ending, long before, int limit) {
    return tasks.ended(filter, ending, before, limit);
  }

  @Override
  public synchronized Optional<EndedTask> findEnded(String id) {
    return tasks.findEnded(id);
  }

  @Override
  public synchronized Optional<byte[]> payload(long key) {
    return tasks.payload(key);
  }

  @Override
  public synchronized List<TaskCount> counts(@Nullable TaskNames after, int limit) {
    return tasks.counts(after, limit, time.now());
  }

  @Override
  public synchronized List<StoredTask> upcoming(int limit) {
    return tasks.upcoming(limit);
  }

  @Override
  public synchronized List<WorkerSight> workers(@Nullable String after, int limit) {
    return workers.list(after, limit);
  }

  @Override
  public synchronized TaskPage parked(long after, int limit) {
    return tasks.parked(after, limit);
  }

  @Override
  public synchronized List<Verdict> act(Act act, List<Long> keys) {
    return keys.stream().map(key -> steering.act(act, key)).toList();
  }

  @Override
  public synchronized List<Verdict> settle(ParkedAct act, List<Long> keys) {
    return keys.stream().map(key -> steering.settle(act, key)).toList();
  }

  @Override
  public synchronized void pause(Pause pause) {
    steering.pause(pause, time.now());
  }

  @Override
  public synchronized boolean resume(PauseTarget target) {
    return steering.resume(target, time.now());
  }

  @Override
  public synchronized List<Pause> pauses() {
    return steering.pauses(time.now());
  }

  @Override
  public synchronized void drain(Drain order) {
    drain = Optional.of(order);
  }

  @Override
  public synchronized boolean endDrain() {
    boolean was = drain.isPresent();
    drain = Optional.empty();
    return was;
  }

  @Override
  public synchronized Optional<Drain> draining() {
    return drain;
  }

  @Override
  public synchronized void keep(String name, String text) {
    if (ruleOrders.size() >= MOST && !ruleOrders.containsKey(name)) {
      throw new StoreException.Rejected("There are %d orders of rules already".formatted(MOST));
    }
    ruleOrders.put(name, text);
  }

  @Override
  public synchronized boolean forget(String name) {
    return ruleOrders.remove(name) != null;
  }

  @Override
  public synchronized Map<String, String> kept() {
    return Ordered.copyOf(ruleOrders);
  }
}
