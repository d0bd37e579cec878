package io.taskbroker.benchmarks.stall;

import io.taskbroker.adapters.protobuf.MsgpackArgumentReader;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.rules.RuleEnforcer;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The owned store on a real file, with a clock that can be set forward. */
final class BurdenedStore implements AutoCloseable {
  private static final Partition ORIGIN = new Partition("taskworker", 0);
  private static final ClaimFilter NOBODY = new ClaimFilter("nobody", null);
  private static final AssignmentEpoch FOR_EVER = new AssignmentEpoch();

  /** Rows name so many tasks in turn: this, and a number from 0. */
  static final String TASK = "task-";

  private static final int TASKS = 20;
  private static final int BATCH = 2_000;
  private static final int SWEEP = 1_000;

  /** Longer than the clock is ever set forward: no call that waits meanwhile is withdrawn. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final AtomicLong skewMs = new AtomicLong();
  private final AtomicLong offset = new AtomicLong();
  private final AtomicLong largestLog = new AtomicLong();
  private final OwnedStore store;

  private BurdenedStore(Path file) {
    store =
        OwnedStore.open(
            SqliteJournal.open(
                new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES), this::now),
            new StoreSettings(
                new EngineSettings(Duration.ofSeconds(3), 5, Keeping.DEFAULT),
                false,
                StoreSettings.MAX_WAITING,
                LONGEST_WAIT,
                StoreSettings.MAX_WAITERS),
            this::now,
            SystemThreads.INSTANCE,
            BurdenedStore::failed);
    store.intake().acknowledged(Map.of(ORIGIN, Long.MAX_VALUE));
  }

  static BurdenedStore open(Path file) {
    return new BurdenedStore(file);
  }

  private static void failed(Throwable failure) {
    throw new IllegalStateException("the store under test has ended", failure);
  }

  private Moment now() {
    long skew = skewMs.get();
    return new Moment(
        System.currentTimeMillis() + skew, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) + skew);
  }

  /** Sets both clocks forward. */
  void advance(Duration span) {
    skewMs.addAndGet(span.toMillis());
  }

  /** Adds rows of one application. */
  void add(int count, Rows rows) {
    for (int left = count; left > 0; left -= BATCH) {
      List<NewActivation> batch = new ArrayList<>(BATCH);
      for (int i = 0; i < Math.min(left, BATCH); i++) {
        batch.add(rows.next(this));
      }
      store.intake().add(batch, FOR_EVER);
    }
  }

  /**
   * What the added rows have in common.
   *
   * @param expiresIn from now on; null for never
   * @param delay from now on; null for none
   */
  record Rows(
      String prefix,
      String application,
      @Nullable Duration expiresIn,
      @Nullable Duration delay,
      byte[] payload) {
    private NewActivation next(BurdenedStore store) {
      long nowMs = store.now().wallMs();
      long number = store.offset.getAndIncrement();
      return new NewActivation(
          new Activation(
              prefix + number,
              application,
              "orders",
              TASK + number % TASKS,
              ORIGIN,
              number,
              nowMs,
              nowMs,
              expiresIn == null ? null : nowMs + expiresIn.toMillis(),
              delay == null ? null : nowMs + delay.toMillis(),
              600,
              Delivery.AT_LEAST_ONCE,
              OnAttemptsExceeded.DISCARD,
              payload.length,
              null),
          payload);
    }
  }

  void askInVain() {
    store.dispatch().claim(NOBODY).toCompletableFuture().join();
    largestLog.accumulateAndGet(store.size().log(), Math::max);
  }

  /** Takes a task of whichever application. */
  Optional<Delivered> claim() {
    return store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture().join();
  }

  void complete(List<String> ids) {
    List<Report> reports =
        ids.stream().map(id -> new Report(id, Conclusion.COMPLETE, RetryOverride.NONE)).toList();
    store.dispatch().concludeAll(reports).toCompletableFuture().join();
  }

  /** Sweeps as upkeep does until nothing of this kind is due. */
  int sweepAll(Sweep kind) {
    int swept = 0;
    int turn;
    do {
      turn = store.sweeps().sweep(kind, SWEEP);
      swept += turn;
    } while (turn > 0);
    return swept;
  }

  /** Looks through the store for what this kill switch names, as a change of the rules does. */
  void enforce(KillSwitch killSwitch) {
    Rules rules = new Rules(killSwitch, Demotion.NONE);
    RuleEnforcer enforcer =
        new RuleEnforcer(
            store.rules(),
            () -> rules,
            new MsgpackArgumentReader(),
            _ -> false,
            this::now,
            EventSink.none());
    int done;
    do {
      done = enforcer.turn();
    } while (done > 0);
  }

  long largestLog() {
    return largestLog.get();
  }

  @Override
  public void close() {
    store.close();
  }
}
