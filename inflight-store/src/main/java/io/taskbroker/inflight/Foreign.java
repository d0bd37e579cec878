package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.threads.SerialExecutor;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.attempt.Attempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves reports about tasks that are not here for the brokers that have them, on a thread of its
 * own. Reports that wait together are left together. Safe for all threads.
 */
final class Foreign implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Reports that may wait; further ones are refused, and their workers say them again. */
  private static final int MOST_WAITING = 10_000;

  /** Reports that are left by one call. */
  private static final int MOST_AT_ONCE = 1_000;

  /** Before what has to be left is tried again. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Elsewhere elsewhere;
  private final ConcurrentLinkedQueue<Pending> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final @Nullable SerialExecutor thread;

  /** Raised at the end; null like the thread. */
  private final @Nullable Signal closed;

  /** What has to be left, and could not be yet. On the thread. */
  private final List<Pending> owed = new ArrayList<>();

  /**
   * A report that waits.
   *
   * @param known null if nobody else says it again, so that it has to be left
   */
  private record Pending(Elsewhere.Report report, @Nullable CompletableFuture<Boolean> known) {}

  /** Of a journal that nobody else has: no task is elsewhere. */
  static Foreign nobody() {
    return new Foreign(Elsewhere.NOWHERE, null, null);
  }

  static Foreign of(Elsewhere elsewhere, Threads threads) {
    return new Foreign(
        elsewhere,
        new SerialExecutor(
            threads, "store-elsewhere", Defects.ofThread("store-elsewhere", threads)),
        threads.signal());
  }

  private Foreign(Elsewhere elsewhere, @Nullable SerialExecutor thread, @Nullable Signal closed) {
    this.elsewhere = elsewhere;
    this.thread = thread;
    this.closed = closed;
  }

  /** A report of a task that is named by its id alone. */
  static Elsewhere.Report of(Report report) {
    return new Elsewhere.Report(report.id(), 0, report.conclusion(), report.retry(), null);
  }

  /** As the other, of some. */
  static List<Elsewhere.@Nullable Report> of(List<Report> reports) {
    List<Elsewhere.@Nullable Report> all = new ArrayList<>(reports.size());
    reports.forEach(report -> all.add(of(report)));
    return all;
  }

  /**
   * Leaves those of these reports that are unknown here, and puts in what becomes of them.
   *
   * @param reports null where nobody else can take what was said
   * @param answers one for each report
   * @param unknown what the answer to an unknown one is
   * @param known what it becomes if the task is known elsewhere
   */
  <A> CompletionStage<List<A>> leaveUnknown(
      List<Elsewhere.@Nullable Report> reports, List<A> answers, A unknown, A known) {
    List<CompletableFuture<Void>> open = new ArrayList<>();
    List<A> all = new ArrayList<>(answers);
    for (int i = 0; i < all.size(); i++) {
      Elsewhere.Report report = reports.get(i);
      int place = i;
      if (report != null && all.get(i).equals(unknown)) {
        open.add(
            leave(report)
                .thenAccept(isKnown -> all.set(place, isKnown ? known : unknown))
                .toCompletableFuture());
      }
    }
    return CompletableFuture.allOf(open.toArray(CompletableFuture[]::new))
        .thenApply(_ -> List.copyOf(all));
  }

  /**
   * If the row of this claim has gone to another broker before it could be told that the claim has
   * reached nobody, that broker is told.
   *
   * @param undelivered says so here
   */
  void orTell(Fact undelivered, Claim claim) {
    orTell(
        undelivered,
        () -> Elsewhere.Report.neverBegun(new Attempt(claim.activation().id(), claim.token())));
  }

  /**
   * Leaves a report of this fact if it was of no use here. Nobody says it again, so it is tried
   * until the report is left. What is not left when the store closes is lost.
   *
   * @param report asked then, on the writer's thread; null if nobody else has a use for it, either
   */
  void orTell(Fact fact, Supplier<Elsewhere.@Nullable Report> report) {
    SerialExecutor executor = thread;
    if (executor != null) {
      var _ =
          fact.result()
              .thenAccept(
                  wasOfUse -> {
                    Elsewhere.Report unsaid = wasOfUse ? null : report.get();
                    if (unsaid != null) {
                      waiting.add(new Pending(unsaid, null));
                      boolean _ = begin(executor);
                    }
                  });
    }
  }

  /** Whether other brokers may have tasks that are not here. */
  boolean isThere() {
    return thread != null;
  }

  /**
   * Leaves a report.
   *
   * @return whether a task of that id is stored anywhere. Fails with a {@link StoreException} if
   *     that cannot be said now; the report may be left all the same
   */
  CompletionStage<Boolean> leave(Elsewhere.Report report) {
    CompletableFuture<Boolean> known = new CompletableFuture<>();
    if (thread == null) {
      known.complete(false);
      return known;
    }
    if (size.incrementAndGet() > MOST_WAITING) {
      size.decrementAndGet();
      known.completeExceptionally(
          new StoreException.Overloaded(
              MOST_WAITING + " reports of other brokers' tasks wait already; try again shortly"));
      return known;
    }
    waiting.add(new Pending(report, known));
    if (!begin(thread)) {
      known.completeExceptionally(new StoreException.Closed("The store is closed"));
    }
    return known;
  }

  private boolean begin(SerialExecutor executor) {
    try {
      executor.execute(this::leaveSome);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("A report is not passed on, as the store is closed", e);
      return false;
    }
  }

  /** What waits; while something of it has to be left and cannot be, also what comes meanwhile. */
  private void leaveSome() {
    do {
      List<Pending> some = next();
      if (!some.isEmpty()) { // or they were left together with one before them
        leave(some);
      }
    } while (!owed.isEmpty() && closed != null && !closed.await(PAUSE));
  }

  private List<Pending> next() {
    List<Pending> some = new ArrayList<>(owed);
    owed.clear();
    while (some.size() < MOST_AT_ONCE) {
      Pending next = waiting.poll();
      if (next == null) {
        break;
      }
      if (next.known() != null) {
        size.decrementAndGet();
      }
      some.add(next);
    }
    return some;
  }

  private void leave(List<Pending> some) {
    try {
      List<Boolean> known = elsewhere.leave(some.stream().map(Pending::report).toList());
      for (int i = 0; i < some.size(); i++) {
        CompletableFuture<Boolean> caller = some.get(i).known();
        if (caller != null) {
          caller.complete(known.get(i));
        }
      }
    } catch (JournalException e) {
      LOG.debug("{} reports could not be passed on", some.size(), e);
      if (!(e instanceof JournalException.Final)) {
        some.stream().filter(one -> one.known() == null).forEach(owed::add);
      }
      fail(some, failureOf(e));
    } catch (RuntimeException e) {
      fail(some, new StoreException.Rejected("The report could not be passed on", e));
      throw e;
    }
  }

  private static void fail(List<Pending> some, StoreException failure) {
    for (Pending one : some) {
      CompletableFuture<Boolean> caller = one.known();
      if (caller != null) {
        caller.completeExceptionally(failure);
      }
    }
  }

  private static StoreException failureOf(JournalException e) {
    return e instanceof JournalException.Final
        ? new StoreException.Closed("The store has failed for good: " + e.getMessage(), e)
        : new StoreException.Unavailable(
            "The report is of another broker's task, and could not be passed on: " + e.getMessage(),
            e);
  }

  /** Leaves what waits. */
  @Override
  public void close() {
    if (thread != null && closed != null) {
      closed.raise();
      thread.close();
    }
  }
}
