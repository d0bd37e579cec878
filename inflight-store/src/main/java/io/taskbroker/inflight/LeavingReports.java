package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.threads.SerialExecutor;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports for other brokers, until they are left. Those that wait together are left together, on a
 * thread of their own. Safe for all threads.
 */
final class LeavingReports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Reports that may wait; further ones are refused, and their workers say them again. */
  private static final int MOST_WAITING = 10_000;

  /** Reports that are left by one call. */
  private static final int MOST_AT_ONCE = 1_000;

  /** Before what has to be left is tried again. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Elsewhere elsewhere;
  private final ConcurrentLinkedQueue<Pending> waiting = new ConcurrentLinkedQueue<>();

  /** Of those that wait, those whose callers are told. */
  private final AtomicInteger size = new AtomicInteger();

  private final SerialExecutor thread;

  /** Raised at the end. */
  private final Signal closed;

  /** What has to be left, and could not be yet. On the thread. */
  private final List<Pending> owed = new ArrayList<>();

  /**
   * A report that waits.
   *
   * @param known null if nobody else says it again, so that it has to be left
   */
  private record Pending(Elsewhere.Report report, @Nullable CompletableFuture<Boolean> known) {}

  LeavingReports(Elsewhere elsewhere, Threads threads) {
    this.elsewhere = elsewhere;
    this.thread =
        new SerialExecutor(
            threads, "store-elsewhere", Defects.ofThread("store-elsewhere", threads));
    this.closed = threads.signal();
  }

  /**
   * Leaves a report. If that fails, its caller brings it again.
   *
   * @return whether a task of that id is stored anywhere. Fails with a {@link StoreException} if
   *     that cannot be said now; the report may be left all the same
   */
  CompletionStage<Boolean> ask(Elsewhere.Report report) {
    CompletableFuture<Boolean> known = new CompletableFuture<>();
    if (size.incrementAndGet() > MOST_WAITING) {
      size.decrementAndGet();
      known.completeExceptionally(
          new StoreException.Overloaded(
              MOST_WAITING + " reports of other brokers' tasks wait already; try again shortly"));
      return known;
    }
    if (!add(new Pending(report, known))) {
      known.completeExceptionally(new StoreException.Closed("The store is closed"));
    }
    return known;
  }

  /**
   * Leaves a report that nobody brings again. It is tried until it is left, or the store closes.
   */
  void owe(Elsewhere.Report report) {
    boolean _ = add(new Pending(report, null));
  }

  private boolean add(Pending report) {
    waiting.add(report);
    try {
      thread.execute(this::leaveSome);
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
    } while (!owed.isEmpty() && !closed.await(PAUSE));
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
    closed.raise();
    thread.close();
  }
}
