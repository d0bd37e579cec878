package io.taskbroker.application.store;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.engine.Claim;
import io.taskbroker.domain.engine.InflightEngine;
import io.taskbroker.domain.engine.Outgoing;
import io.taskbroker.domain.engine.Sweep;
import io.taskbroker.domain.engine.Totals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store that owns its journal alone: every decision is made in memory by one thread, and written
 * down in groups before it is answered.
 *
 * <p>Safe for any number of threads.
 */
public final class OwnedStore
    implements IntakeStore,
        DispatchStore,
        PushStore,
        SweepStore,
        RulesStore,
        OutboxStore,
        AutoCloseable {
  /** Rows settled per turn of the writer, so that outcomes pass in between. */
  private static final int COMMITTED_PER_TURN = 2_000;

  private static final Duration WATCH_EVERY = Duration.ofMillis(500);

  private final Journal journal;
  private final StoreSettings settings;
  private final TimeSource time;
  private final CommandQueue queue;
  private final Writability writability;
  private final Writer writer;
  private final Thread writerThread;
  private final Thread watchThread;
  private volatile StoreView view = StoreView.EMPTY;

  /** Positions acknowledged by Kafka that the engine has not been told yet. */
  private final Map<Partition, Long> acknowledged = new HashMap<>();

  private OwnedStore(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Consumer<Optional<String>> onWriting,
      Consumer<Throwable> onFatal,
      StoreMetrics metrics) {
    this.journal = journal;
    this.settings = settings;
    this.time = time;
    this.queue = new CommandQueue(settings.maxWaiting());
    this.writability = new Writability(onWriting);
    this.writer =
        new Writer(
            journal, settings, time, queue, latest -> view = latest, writability, onFatal, metrics);
    this.writerThread = Thread.ofPlatform().name("store-writer").unstarted(writer::run);
    this.watchThread = Thread.ofVirtual().name("store-watch").unstarted(this::watchWaiting);
  }

  /** As the other, with nobody told whether the store can write, and nobody who counts. */
  public static OwnedStore open(
      Journal journal, StoreSettings settings, TimeSource time, Consumer<Throwable> onFatal) {
    return open(journal, settings, time, _ -> {}, onFatal, StoreMetrics.NONE);
  }

  /**
   * Opens the store over a journal, which is the store's from here on and is closed with it.
   *
   * @param onWriting told, on the writer's thread, why something could not be written, and with
   *     nothing when all can be written again; whoever wanted it written is told, too
   * @param onFatal told once, on the writer's thread, when the store has ended because its journal
   *     failed for good; the process must end then
   * @param metrics who counts what happens
   * @throws JournalException if the journal cannot be read; it is closed then
   */
  public static OwnedStore open(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Consumer<Optional<String>> onWriting,
      Consumer<Throwable> onFatal,
      StoreMetrics metrics) {
    OwnedStore store = new OwnedStore(journal, settings, time, onWriting, onFatal, metrics);
    try {
      store.writer.load();
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
    store.writerThread.start();
    store.watchThread.start();
    return store;
  }

  // ---------------------------------------------------------------- dispatch

  @Override
  public CompletionStage<Optional<Delivered>> claim(ClaimFilter filter) {
    return served(new Commands.Serve(time.now(), null, filter)).thenApply(Concluded::next);
  }

  @Override
  public CompletionStage<Concluded> conclude(Report report, @Nullable ClaimFilter next) {
    return served(new Commands.Serve(time.now(), report, next));
  }

  @Override
  public CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    return served(new Commands.ReportAll(time.now(), reports));
  }

  @Override
  public CompletionStage<Integer> release(Collection<Claim> claims) {
    List<Claim> released = List.copyOf(claims);
    return served(
        new Commands.Ask<>(
            StoreCall.OTHER,
            time.now(),
            (engine, now) -> count(released, claim -> engine.release(claim, now))));
  }

  @Override
  public CompletionStage<List<Delivered>> claimForPush(
      String application, int limit, Duration lease) {
    return served(
        new Commands.ClaimForPush(
            time.now(), (engine, now) -> engine.claimForPush(application, limit, lease, now)));
  }

  @Override
  public CompletionStage<Boolean> sending(Claim claim) {
    return served(
        new Commands.Ask<>(StoreCall.OTHER, time.now(), (engine, _) -> engine.sending(claim)));
  }

  @Override
  public CompletionStage<Integer> accepted(Collection<String> ids) {
    List<String> accepted = List.copyOf(ids);
    return served(
        new Commands.Ask<>(
            StoreCall.MARK_ACCEPTED,
            time.now(),
            (engine, now) -> count(accepted, id -> engine.accepted(id, now))));
  }

  @Override
  public CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    return served(new Commands.Reject(time.now(), claim, payload, reason));
  }

  @Override
  public boolean hasPending() {
    return view.depths().pending() > 0;
  }

  @Override
  public Map<String, Integer> pendingByApplication() {
    return ask((engine, _) -> engine.readyByApplication());
  }

  private static <E> int count(Collection<E> all, Predicate<E> done) {
    int count = 0;
    for (E one : all) {
      if (done.test(one)) {
        count++;
      }
    }
    return count;
  }

  private <T> CompletableFuture<T> served(Command<T> command) {
    command.queuedNanos(time.nanos());
    queue.serve(command);
    return command.result();
  }

  // ---------------------------------------------------------------- intake

  @Override
  public int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    if (batch.isEmpty()) {
      return 0;
    }
    IntakeCommand command = new IntakeCommand(batch, epoch, time.nanos());
    queue.add(command);
    return await(command.result());
  }

  @Override
  public void acknowledged(Map<Partition, Long> positions) {
    if (positions.isEmpty()) {
      return;
    }
    synchronized (acknowledged) {
      positions.forEach(
          (partition, position) -> acknowledged.merge(partition, position, Math::max));
    }
    queueUpkeep(new Commands.Ask<>(StoreCall.SWEEP_COMMITTED, time.now(), this::settleCommitted));
  }

  @Override
  public void assigned(Map<Partition, Long> positions) {
    if (positions.isEmpty()) {
      return;
    }
    Map<Partition, Long> assigned = Map.copyOf(positions);
    ask(
        (engine, _) -> {
          synchronized (acknowledged) {
            acknowledged.keySet().removeAll(assigned.keySet());
          }
          engine.assigned(assigned);
          return assigned.size();
        });
    queueUpkeep(new Commands.Ask<>(StoreCall.SWEEP_COMMITTED, time.now(), this::settleCommitted));
  }

  private int settleCommitted(InflightEngine engine, Moment now) {
    tellAcknowledged(engine);
    int settled = engine.sweep(Sweep.COMMITTED, COMMITTED_PER_TURN, now);
    if (settled == COMMITTED_PER_TURN) {
      queueUpkeep(new Commands.Ask<>(StoreCall.SWEEP_COMMITTED, now, this::settleCommitted));
    }
    return settled;
  }

  /**
   * Positions stay in the map until the engine has them for good: it takes each once, and a group
   * that is taken back is told again by the next.
   */
  private void tellAcknowledged(InflightEngine engine) {
    synchronized (acknowledged) {
      engine.acknowledge(acknowledged);
    }
  }

  @Override
  public void lost(Collection<Partition> partitions) {
    List<Partition> lost = List.copyOf(partitions);
    ask(
        (engine, _) -> {
          tellAcknowledged(engine);
          engine.lose(lost);
          return lost.size();
        });
  }

  @Override
  public Set<Partition> awaitedPartitions() {
    return ask((engine, _) -> engine.awaitedPartitions());
  }

  @Override
  public Backpressure.Load load() {
    Journal.Size size = journal.size();
    return new Backpressure.Load(view.depths(), size.total(), size.log());
  }

  // ---------------------------------------------------------------- upkeep

  @Override
  public int sweep(Sweep kind, int limit) {
    return ask(
        callOf(kind),
        (engine, now) -> {
          tellAcknowledged(engine);
          return engine.sweep(kind, limit, now);
        });
  }

  private static StoreCall callOf(Sweep kind) {
    return switch (kind) {
      case LEASES -> StoreCall.SWEEP_LEASES;
      case ATTEMPTS -> StoreCall.SWEEP_ATTEMPTS;
      case EXPIRY -> StoreCall.SWEEP_EXPIRY;
      case DELAYS -> StoreCall.SWEEP_DELAYS;
      case COMMITTED -> StoreCall.SWEEP_COMMITTED;
      case DEADLINES, DISCARDS -> StoreCall.OTHER;
    };
  }

  @Override
  public void onlyConsumed(Set<String> topics) {
    ask(
        (engine, _) -> {
          engine.onlyConsumed(topics);
          return topics.size();
        });
  }

  @Override
  public int unpark() {
    return ask((engine, _) -> engine.unpark());
  }

  @Override
  public boolean reclaim() {
    return ask(StoreCall.RECLAIM, (_, _) -> journal.reclaim());
  }

  @Override
  public Depths depths() {
    return view.depths();
  }

  @Override
  public Totals totals() {
    return view.totals();
  }

  /** How large the journal is. */
  public Journal.Size size() {
    return journal.size();
  }

  /** Commands that wait for the writer. */
  public int waiting() {
    return queue.waiting();
  }

  @Override
  public Duration lag() {
    var oldest = view.oldestDueMs();
    return oldest.isEmpty()
        ? Duration.ZERO
        : Duration.ofMillis(Math.max(0, Times.minus(time.now().wallMs(), oldest.getAsLong())));
  }

  // ---------------------------------------------------------------- rules

  @Override
  public List<Long> keysOf(Set<String> tasknames) {
    return ask((engine, _) -> engine.keysOf(tasknames));
  }

  @Override
  public Map<Long, byte[]> payloadsOf(Collection<Long> keys) {
    List<Long> wanted = List.copyOf(keys);
    return ask((_, _) -> journal.payloads(wanted));
  }

  @Override
  public int drop(Collection<Long> keys) {
    List<Long> dropped = List.copyOf(keys);
    return ask(StoreCall.DROP, (engine, _) -> engine.drop(dropped));
  }

  @Override
  public int demote(Set<String> namespaces, int limit) {
    return ask((engine, now) -> engine.demote(namespaces, limit, now));
  }

  // ---------------------------------------------------------------- outbox

  @Override
  public List<Taken> take(Lane lane, int maxRows, long maxBytes) {
    List<Outgoing> rows = ask((engine, _) -> engine.take(lane, maxRows, maxBytes));
    List<Taken> taken = new ArrayList<>(rows.size());
    try {
      Map<Long, byte[]> payloads = payloadsOf(rows);
      for (Outgoing row : rows) {
        byte[] payload = payloads.get(row.key());
        if (payload == null) { // dropped by an operator's rule since it was taken
          park(row.key(), "its payload is not in the store");
        } else {
          taken.add(new Taken(row, payload));
        }
      }
      return taken;
    } catch (JournalException e) {
      giveBack(rows.stream().map(Outgoing::key).toList());
      throw new StoreException.Unavailable("Payloads could not be read: " + e.getMessage(), e);
    } catch (StoreException.Unavailable e) {
      giveBack(rows.stream().map(Outgoing::key).toList());
      throw e;
    }
  }

  private Map<Long, byte[]> payloadsOf(List<Outgoing> rows) {
    List<Long> small = new ArrayList<>();
    Map<Long, byte[]> payloads = new HashMap<>();
    for (Outgoing row : rows) {
      if (LargePayloads.isLarge(row.activation())) {
        journal.largePayload(row.key()).ifPresent(bytes -> payloads.put(row.key(), bytes));
      } else {
        small.add(row.key());
      }
    }
    if (!small.isEmpty()) {
      payloads.putAll(ask((_, _) -> journal.payloads(small)));
    }
    return payloads;
  }

  @Override
  public void published(Collection<Long> keys) {
    List<Long> published = List.copyOf(keys);
    ask(StoreCall.CONFIRM_PUBLISHED, (engine, _) -> engine.published(published));
  }

  @Override
  public void giveBack(Collection<Long> keys) {
    List<Long> returned = List.copyOf(keys);
    ask(
        (engine, _) -> {
          engine.giveBack(returned);
          return returned.size();
        });
  }

  @Override
  public void park(long key, String reason) {
    ask(
        (engine, _) -> {
          engine.park(key, reason);
          return key;
        });
  }

  private <T> T ask(BiFunction<InflightEngine, Moment, T> question) {
    return ask(StoreCall.OTHER, question);
  }

  private <T> T ask(StoreCall call, BiFunction<InflightEngine, Moment, T> question) {
    Command<T> command = new Commands.Ask<>(call, time.now(), question);
    queueUpkeep(command);
    return await(command.result());
  }

  private void queueUpkeep(Command<?> command) {
    command.queuedNanos(time.nanos());
    queue.upkeep(command);
  }

  private static <T> T await(CompletableFuture<T> result) {
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException known) {
        throw known;
      }
      throw e;
    }
  }

  // ---------------------------------------------------------------- ending

  static StoreException waitedTooLong(Duration longest) {
    return new StoreException.Unavailable(
        "The store did not get to this within " + longest.toSeconds() + " s; nothing was changed");
  }

  /**
   * Answers whoever has waited too long even while the writer hangs in a write, and while nothing
   * could be written has it tried again, though nobody else may come to try.
   */
  private void watchWaiting() {
    CompletableFuture<Integer> attempt = CompletableFuture.completedFuture(0);
    try {
      while (writerThread.isAlive()) {
        writerThread.join(WATCH_EVERY);
        if (writability.isFailing() && attempt.isDone()) {
          Command<Integer> next =
              new Commands.Ask<>(StoreCall.OTHER, time.now(), (_, _) -> writer.tryWriting());
          attempt = next.result();
          queueUpkeep(next);
        }
        for (Command<?> overdue : queue.withdrawOverdue(time.now(), settings.longestWait())) {
          overdue.fail(waitedTooLong(settings.longestWait()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does what waits already, refuses what comes later, and closes the journal. */
  @Override
  public void close() {
    queue.end(new StoreException.Closed("The store is closed"));
    boolean interrupted = false;
    while (writerThread.isAlive()) {
      try {
        writerThread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    journal.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
