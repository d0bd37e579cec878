package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.attempt.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Passes on what is said here of tasks that other brokers have: what workers report, that a claim
 * has reached nobody, that Kafka has a record. Safe for all threads.
 */
final class Messenger implements AutoCloseable {
  /** Null if there are no other brokers. */
  private final @Nullable LeavingReports leaving;

  /** Of a journal that nobody else has: no task is elsewhere. */
  static Messenger toNobody() {
    return new Messenger(null);
  }

  static Messenger to(Elsewhere elsewhere, Threads threads) {
    return new Messenger(new LeavingReports(elsewhere, threads));
  }

  private Messenger(@Nullable LeavingReports leaving) {
    this.leaving = leaving;
  }

  /** Whether other brokers may have tasks that are not here. */
  boolean hasOthers() {
    return leaving != null;
  }

  /**
   * Leaves a report of a task that is not here.
   *
   * @return whether a task of that id is stored anywhere. Fails with a {@link StoreException} if
   *     that cannot be said now; the report may be left all the same
   */
  CompletionStage<Boolean> leave(Report report) {
    return leave(of(report));
  }

  private CompletionStage<Boolean> leave(Elsewhere.Report report) {
    return leaving == null ? CompletableFuture.completedFuture(false) : leaving.ask(report);
  }

  private static Elsewhere.Report of(Report report) {
    return new Elsewhere.Report(report.id(), 0, report.conclusion(), report.retry(), null);
  }

  /**
   * Leaves those of these reports whose tasks are not known here.
   *
   * @param known whether its task is known here, for each report
   * @return whether its task is known anywhere, for each report. Fails as {@link #leave(Report)}
   *     does
   */
  CompletionStage<List<Boolean>> leaveUnknown(List<Report> reports, List<Boolean> known) {
    List<Elsewhere.@Nullable Report> all = new ArrayList<>(reports.size());
    reports.forEach(report -> all.add(of(report)));
    return leaveUnknown(all, known, false, true);
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
    LeavingReports reports = leaving;
    if (reports != null) {
      var _ =
          fact.result()
              .thenAccept(
                  wasOfUse -> {
                    Elsewhere.Report unsaid = wasOfUse ? null : report.get();
                    if (unsaid != null) {
                      reports.owe(unsaid);
                    }
                  });
    }
  }

  /** Leaves what waits. */
  @Override
  public void close() {
    if (leaving != null) {
      leaving.close();
    }
  }
}
