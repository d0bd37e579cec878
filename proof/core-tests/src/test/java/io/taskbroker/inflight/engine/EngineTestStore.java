package io.taskbroker.inflight.engine;

import static java.util.concurrent.CompletableFuture.completedStage;
import static java.util.concurrent.CompletableFuture.failedStage;

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
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Outgoing;
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
import io.taskbroker.testkit.store.KeptRow;
import io.taskbroker.testkit.store.TestStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The inflight engine alone, each command a group of its own, its changes written into maps.
 *
 * <p>Now and then a group is taken back and then done again: an engine that does not come back to
 * where it was would go another way the second time.
 */
final class EngineTestStore
    implements TestStore,
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
  private final EngineSettings settings;
  private final TimeSource time;
  private final Random undos = new Random(42);
  private final TreeMap<Long, StoredActivation> kept = new TreeMap<>();
  private final Map<Long, byte[]> payloads = new HashMap<>();
  private final Map<Partition, Long> positions = new HashMap<>();
  private final Map<String, String> orders = new TreeMap<>();
  private InflightEngine engine;
  private @Nullable Death next;

  EngineTestStore(EngineSettings settings, TimeSource time) {
    this.settings = settings;
    this.time = time;
    this.engine = new InflightEngine(settings);
    engine.begin(time.now());
  }

  @Override
  public IntakeStore intake() {
    return this;
  }

  @Override
  public DispatchStore dispatch() {
    return this;
  }

  @Override
  public SweepStore sweeps() {
    return this;
  }

  @Override
  public PushStore pushes() {
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
  public synchronized List<KeptRow> rows() {
    return kept.values().stream().map(KeptRow::of).toList();
  }

  @Override
  public synchronized void reopen() {
    next = null;
    engine = new InflightEngine(settings);
    engine.begin(time.now());
    engine.restoreOrders(orders);
    engine.restorePositions(positions);
    kept.values().forEach(row -> engine.restore(row, time.now()));
    for (long key : engine.outbox().takeInDoubt()) {
      group(() -> engine.outbox().settle(key, "the broker ended meanwhile", time.now()));
    }
  }

  @Override
  public synchronized void dieAtNextWrite(Death death) {
    next = death;
  }

  @Override
  public void close() {}

  // ---------------------------------------------------------------- groups

  private <T> T group(Supplier<T> command) {
    if (undos.nextInt(4) == 0) {
      var _ = command.get();
      engine.undo();
    }
    T answer = command.get();
    Changes changes = engine.changes();
    if (next == Death.BEFORE_WRITE && !changes.isEmpty()) {
      throw new StoreException.Closed("died before the write");
    }
    write(changes);
    engine.settle();
    if (next == Death.BEFORE_ANSWER && !changes.isEmpty()) {
      throw new StoreException.Closed("died before the answer");
    }
    return answer;
  }

  private <T> CompletionStage<T> stage(Supplier<T> command) {
    try {
      return completedStage(group(command));
    } catch (StoreException e) {
      return failedStage(e);
    }
  }

  private void write(Changes changes) {
    for (StandingOrder order : changes.orders()) {
      if (order.text() == null) {
        orders.remove(order.name());
      } else {
        orders.put(order.name(), order.text());
      }
    }
    changes.inserted().forEach(row -> kept.put(row.key(), row));
    for (StoredActivation row : changes.updated()) {
      if (kept.put(row.key(), row) == null) {
        throw new AssertionError("update of a row that is not there: " + row);
      }
      if (row.state() instanceof Completed) {
        payloads.remove(row.key());
      }
    }
    for (long key : changes.deleted()) {
      if (kept.remove(key) == null) {
        throw new AssertionError("deletion of a row that is not there: " + key);
      }
      payloads.remove(key);
    }
    positions.putAll(changes.positions());
  }

  // ---------------------------------------------------------------- intake

  @Override
  public synchronized int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    if (epoch.hasEnded()) {
      throw new StoreException.Rejected("ended");
    }
    return group(() -> insert(batch));
  }

  private int insert(List<NewActivation> batch) {
    long[] keys =
        engine
            .arrivals()
            .add(
                batch.stream().map(one -> new Arrival(one.activation(), one.route())).toList(),
                time.now());
    int added = 0;
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] > 0) {
        payloads.put(keys[i], batch.get(i).payload());
        added++;
      }
    }
    return added;
  }

  @Override
  public synchronized void acknowledged(Map<Partition, Long> acknowledged) {
    group(
        () -> {
          engine.positions().acknowledge(acknowledged);
          return true;
        });
  }

  @Override
  public synchronized void assigned(Map<Partition, Long> positions) {
    group(
        () -> {
          engine.positions().assigned(positions);
          return true;
        });
  }

  @Override
  public synchronized void lost(Collection<Partition> partitions) {
    group(
        () -> {
          partitions.forEach(engine.positions()::lose);
          return true;
        });
  }

  @Override
  public synchronized Set<Partition> awaitedPartitions() {
    return engine.positions().awaited();
  }

  @Override
  public synchronized Optional<Activation> largest() {
    return Optional.ofNullable(outliers().largest());
  }

  @Override
  public synchronized Outliers outliers() {
    return engine.outliers();
  }

  @Override
  public synchronized Backpressure.Load load() {
    return new Backpressure.Load(engine.depths(), 0, 0);
  }

  // ---------------------------------------------------------------- dispatch

  @Override
  public synchronized CompletionStage<Optional<Delivered>> claim(
      ClaimFilter filter, Recipient recipient) {
    return stage(() -> pull(filter, recipient)).thenApply(next -> accepted(next, recipient));
  }

  private Optional<Delivered> pull(ClaimFilter filter, Recipient recipient) {
    return engine
        .claims()
        .pull(List.of(filter), 1, Long.MAX_VALUE, null, recipient.worker(), time.now())
        .stream()
        .findFirst()
        .map(this::delivered);
  }

  private synchronized Optional<Delivered> accepted(Optional<Delivered> next, Recipient recipient) {
    if (next.isPresent() && !recipient.accepts(next.get().claim())) {
      group(() -> engine.claims().brokeOff(next.get().claim(), null, time.now()));
      return Optional.empty();
    }
    return next;
  }

  private Delivered delivered(Claim claim) {
    return new Delivered(claim, payloadOf(claim.key()));
  }

  private byte[] payloadOf(long key) {
    byte[] payload = payloads.get(key);
    if (payload == null) {
      throw new AssertionError("no payload of row " + key);
    }
    return payload;
  }

  @Override
  public synchronized CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    return stage(
            () -> {
              boolean known = record(report);
              return new Concluded(known, next == null ? Optional.empty() : pull(next, recipient));
            })
        .thenApply(
            concluded -> new Concluded(concluded.known(), accepted(concluded.next(), recipient)));
  }

  private boolean record(Report report) {
    return engine.claims().conclude(report.id(), report.conclusion(), report.retry(), time.now());
  }

  @Override
  public synchronized CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    return stage(() -> reports.stream().map(this::record).toList());
  }

  @Override
  public synchronized CompletionStage<List<Delivered>> claim(Want want, Recipient recipient) {
    return stage(
            () ->
                engine
                    .claims()
                    .pull(
                        want.filters(),
                        want.tasks(),
                        want.bytes(),
                        want.longestPause(),
                        recipient.worker(),
                        time.now())
                    .stream()
                    .map(this::delivered)
                    .toList())
        .thenApply(all -> all.stream().filter(one -> isTaken(one, recipient)).toList());
  }

  private synchronized boolean isTaken(Delivered one, Recipient recipient) {
    boolean taken = recipient.accepts(one.claim());
    if (!taken) {
      group(() -> engine.claims().brokeOff(one.claim(), null, time.now()));
    }
    return taken;
  }

  @Override
  public synchronized CompletionStage<List<Answer>> tell(List<News> news) {
    return stage(() -> news.stream().map(one -> engine.attempts().tell(one, time.now())).toList());
  }

  @Override
  public synchronized CompletionStage<List<Holding>> holding(
      List<Attempt> held, @Nullable Duration longestPause, String worker) {
    return stage(
        () ->
            held.stream()
                .map(one -> engine.attempts().holding(one, longestPause, worker, time.now()))
                .toList());
  }

  /** Nobody waits here: who asks is answered at once. */
  @Override
  public void leave(Recipient recipient) {}

  @Override
  public void endWaits() {}

  @Override
  public synchronized void release(Collection<Claim> claims) {
    group(
        () -> claims.stream().filter(claim -> engine.claims().release(claim, time.now())).count());
  }

  @Override
  public synchronized CompletionStage<List<Delivered>> claimForPush(
      String application, int limit, long maxBytes, Duration lease) {
    return stage(
        () ->
            engine.claims().claimForPush(application, limit, maxBytes, lease, time.now()).stream()
                .map(this::delivered)
                .toList());
  }

  @Override
  public synchronized void pushFailed(Claim claim, String reason) {
    group(() -> engine.claims().pushFailed(claim, reason));
  }

  @Override
  public synchronized CompletionStage<Boolean> sending(Claim claim) {
    return stage(() -> engine.claims().sending(claim, time.now()));
  }

  @Override
  public synchronized CompletionStage<Boolean> accepted(Claim claim) {
    return stage(() -> engine.claims().accepted(claim, time.now()));
  }

  @Override
  public synchronized CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    return stage(
        () -> {
          long key = engine.claims().reject(claim, reason, time.now());
          payloads.put(key, payload);
          return key != 0;
        });
  }

  @Override
  public synchronized void brokeOff(Claim claim, @Nullable String fault) {
    group(() -> engine.claims().brokeOff(claim, fault, time.now()));
  }

  @Override
  public synchronized void drop(Claim claim) {
    group(() -> engine.claims().drop(claim));
  }

  @Override
  public synchronized void serves(Set<String> applications) {
    engine.claims().serve(applications, time.now());
  }

  @Override
  public synchronized List<ApplicationDepth> applications() {
    return engine.depthByApplication(null, Integer.MAX_VALUE, time.now());
  }

  @Override
  public synchronized boolean hasPending() {
    return engine.depths().pending() > 0;
  }

  @Override
  public synchronized Map<String, Integer> pendingByApplication() {
    return engine.readyByApplication(null, Integer.MAX_VALUE);
  }

  // ---------------------------------------------------------------- rules

  @Override
  public synchronized void kill(Set<String> tasknames) {
    engine.claims().kill(tasknames);
  }

  @Override
  public synchronized Found find(Set<String> tasknames, long after) {
    return engine.search(tasknames, after);
  }

  @Override
  public synchronized Payloads payloadsOf(List<Long> keys) {
    Map<Long, byte[]> found = new HashMap<>();
    long bytes = 0;
    int rows = 0;
    for (long key : keys) {
      byte[] payload = payloads.get(key);
      bytes += payload == null ? 0 : payload.length;
      if (rows == Payloads.MOST_ROWS || (bytes > Payloads.MOST_BYTES && rows > 0)) {
        break;
      }
      if (payload != null) {
        found.put(key, payload);
      }
      rows++;
    }
    return new Payloads(rows, found);
  }

  @Override
  public synchronized int drop(Collection<Long> keys) {
    return group(() -> (int) keys.stream().filter(key -> engine.drop(key)).count());
  }

  @Override
  public synchronized int demote(Set<String> namespaces, int limit) {
    return group(() -> engine.claims().demote(namespaces, limit, time.now()));
  }

  // ---------------------------------------------------------------- upkeep and outbox

  @Override
  public synchronized int sweep(Sweep kind, int limit) {
    return group(() -> engine.sweeps().sweep(kind, limit, time.now()));
  }

  @Override
  public synchronized void onlyConsumed(Set<String> topics) {
    engine.positions().onlyConsumed(topics);
  }

  @Override
  public synchronized int unpark() {
    return group(() -> engine.outbox().unpark());
  }

  @Override
  public void rewrite() {}

  @Override
  public boolean reclaim() {
    return false;
  }

  @Override
  public synchronized Depths depths() {
    return engine.depths();
  }

  @Override
  public synchronized Totals totals() {
    return engine.totals();
  }

  @Override
  public synchronized Optional<Activation> lastExhausted() {
    return Optional.ofNullable(engine.sweeps().lastExhausted());
  }

  @Override
  public synchronized Duration lag() {
    long nowMs = time.now().wallMs();
    return Duration.ofMillis(Math.max(0, nowMs - engine.oldestDueMs().orElse(nowMs)));
  }

  @Override
  public synchronized List<Taken> take(Lane lane, int maxRows, long maxBytes) {
    List<Outgoing> taken = group(() -> engine.outbox().take(lane, maxRows, maxBytes, time.now()));
    return taken.stream().map(row -> new Taken(row, payloadOf(row.key()))).toList();
  }

  @Override
  public synchronized void published(Collection<Long> keys) {
    group(() -> engine.outbox().published(keys));
  }

  @Override
  public synchronized void giveBack(Collection<Long> keys) {
    group(
        () -> {
          engine.outbox().giveBack(keys);
          return true;
        });
  }

  @Override
  public synchronized void uncertain(Collection<Long> keys, String reason) {
    group(
        () -> {
          keys.forEach(key -> engine.outbox().uncertain(key, reason, time.now()));
          return true;
        });
  }

  @Override
  public synchronized void refused(long key, String reason) {
    group(
        () -> {
          engine.outbox().refused(key, reason, time.now());
          return true;
        });
  }

  @Override
  public synchronized void park(long key, String reason) {
    group(
        () -> {
          engine.outbox().park(key, reason);
          return true;
        });
  }

  // ---------------------------------------------------------------- operators

  @Override
  public synchronized TaskPage list(TaskFilter filter, long after, int limit) {
    return piece(row -> filter.matches(row.activation(), row.state().status()), after, limit);
  }

  @Override
  public synchronized TaskPage parked(long after, int limit) {
    return piece(row -> row.parked() != null, after, limit);
  }

  private TaskPage piece(Predicate<StoredActivation> wanted, long after, int limit) {
    List<StoredTask> tasks =
        kept.tailMap(after, false).values().stream()
            .filter(wanted)
            .map(StoredActivation::task)
            .toList();
    return tasks.size() <= limit
        ? new TaskPage(tasks, Long.MAX_VALUE, true)
        : new TaskPage(tasks.subList(0, limit), tasks.get(limit - 1).key(), false);
  }

  @Override
  public synchronized Optional<StoredTask> find(String id) {
    return Optional.ofNullable(engine.task(id));
  }

  @Override
  public synchronized EndedPage ended(
      TaskFilter filter, @Nullable Ending ending, long before, int limit) {
    return engine.endings().list(filter, ending, before, limit, time.now().wallMs());
  }

  @Override
  public synchronized Optional<EndedTask> findEnded(String id) {
    return engine.endings().find(id, time.now().wallMs());
  }

  @Override
  public synchronized Optional<byte[]> payload(long key) {
    return Optional.ofNullable(payloads.get(key));
  }

  @Override
  public synchronized List<TaskCount> counts(@Nullable TaskNames after, int limit) {
    return engine.counts(after, limit, time.now());
  }

  @Override
  public synchronized List<StoredTask> upcoming(int limit) {
    return engine.upcoming(limit).stream().map(StoredActivation::task).toList();
  }

  @Override
  public synchronized List<WorkerSight> workers(@Nullable String after, int limit) {
    return engine.workers(after, limit, time.now());
  }

  @Override
  public synchronized List<Verdict> act(Act act, List<Long> keys) {
    return group(
        () -> keys.stream().map(key -> engine.steering().act(act, key, time.now())).toList());
  }

  @Override
  public synchronized List<Verdict> settle(ParkedAct act, List<Long> keys) {
    return group(
        () -> keys.stream().map(key -> engine.steering().settle(act, key, time.now())).toList());
  }

  @Override
  public synchronized void pause(Pause pause) {
    var _ = group(() -> engine.steering().pause(pause, time.now()));
  }

  @Override
  public synchronized boolean resume(PauseTarget target) {
    boolean resumed = group(() -> engine.steering().resume(target, time.now()));
    var _ = group(() -> engine.steering().free(Integer.MAX_VALUE, time.now()));
    return resumed;
  }

  @Override
  public synchronized List<Pause> pauses() {
    return engine.steering().pauses(time.now());
  }

  @Override
  public synchronized void drain(Drain drain) {
    var _ =
        group(
            () -> {
              engine.steering().drain(drain);
              return true;
            });
  }

  @Override
  public synchronized boolean endDrain() {
    return group(() -> engine.steering().endDrain());
  }

  @Override
  public synchronized Optional<Drain> draining() {
    return engine.steering().draining();
  }

  @Override
  public synchronized void keep(String name, String text) {
    if (!group(() -> engine.keptOrders().keep(name, text, MOST))) {
      throw new StoreException.Rejected("There are %d orders of rules already".formatted(MOST));
    }
  }

  @Override
  public synchronized boolean forget(String name) {
    return group(() -> engine.keptOrders().forget(name));
  }

  @Override
  public synchronized Map<String, String> kept() {
    return engine.keptOrders().all();
  }
}
