package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.threads.SerialExecutor;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.attempt.Attempt;
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

  private final Elsewhere elsewhere;
  private final ConcurrentLinkedQueue<Pending> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final @Nullable SerialExecutor thread;

  private record Pending(Elsewhere.Report report, CompletableFuture<Boolean> known) {}

  /** Of a journal that nobody else has: no task is elsewhere. */
  static Foreign nobody() {
    return new Foreign(Elsewhere.NOWHERE, null);
  }

  static Foreign of(Elsewhere elsewhere, Threads threads) {
    return new Foreign(
        elsewhere,
        new SerialExecutor(
            threads, "store-elsewhere", Defects.ofThread("store-elsewhere", threads)));
  }

  private Foreign(Elsewhere elsewhere, @Nullable SerialExecutor thread) {
    this.elsewhere = elsewhere;
    this.thread = thread;
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
   * reached nobody, that broker is told. If it cannot be, the claim ends with its lease.
   *
   * @param undelivered says so here
   */
  void orTell(Fact undelivered, Claim claim) {
    orTell(
        undelivered,
        () -> Elsewhere.Report.neverBegun(new Attempt(claim.activation().id(), claim.token())));
  }

  /**
   * If this fact was of no use here, leaves a report of it.
   *
   * @param report asked then, on the writer's thread; null if nobody else has a use for it, either
   */
  void orTell(Fact fact, Supplier<Elsewhere.@Nullable Report> report) {
    if (thread != null) {
      var _ =
          fact.result()
              .thenAccept(
                  wasOfUse -> {
                    Elsewhere.Report unsaid = wasOfUse ? null : report.get();
                    if (unsaid != null) {
                      var _ = leave(unsaid);
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
    try {
      thread.execute(this::leaveSome);
    } catch (RejectedExecutionException e) {
      known.completeExceptionally(new StoreException.Closed("The store is closed", e));
    }
    return known;
  }

  private void leaveSome() {
    List<Pending> some = new ArrayList<>();
    for (Pending next = waiting.poll(); next != null; next = waiting.poll()) {
      size.decrementAndGet();
      some.add(next);
      if (some.size() == MOST_AT_ONCE) {
        break;
      }
    }
    if (some.isEmpty()) {
      return; // left together with one before it
    }
    try {
      List<Boolean> known = elsewhere.leave(some.stream().map(Pending::report).toList());
      for (int i = 0; i < some.size(); i++) {
        some.get(i).known().complete(known.get(i));
      }
    } catch (JournalException e) {
      LOG.debug("{} reports could not be passed on", some.size(), e);
      StoreException failure = failureOf(e);
      some.forEach(one -> one.known().completeExceptionally(failure));
    } catch (RuntimeException e) {
      some.forEach(
          one ->
              one.known()
                  .completeExceptionally(
                      new StoreException.Rejected("The report could not be passed on", e)));
      throw e;
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
    if (thread != null) {
      thread.close();
    }
  }
}
