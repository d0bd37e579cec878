package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.domain.operator.WorkerSight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What operators see of workers. Extend this once per store, give it an empty one, and add nothing.
 */
public abstract class WorkerStoreContract extends StoreContract {
  /** Two workers, and what they ask for. */
  private static final String ANN = "10.0.0.5:41234";

  private static final String BOB = "10.0.0.6:50000";
  private static final List<ClaimFilter> ANY = List.of(ClaimFilter.ANY);

  @Test
  final void workers_areThoseThatAsk_withWhatTheyHave() {
    add(pending("1"), pending("2"));
    ClaimFilter billing = new ClaimFilter("billing", "orders");

    assertThat(store.tasks().workers(null, 10)).isEmpty();
    assertThat(claimAs(BOB, billing)).isEmpty();
    time.advance(Duration.ofSeconds(1));
    claimAs(ANN, ClaimFilter.ANY);
    time.advance(Duration.ofSeconds(1));
    claimAs(ANN, ClaimFilter.ANY);

    assertThat(store.tasks().workers(null, 10))
        .containsExactly(
            new WorkerSight(ANN, ANY, NOON + 2_000, 0, 2, NOON + 1_000),
            new WorkerSight(BOB, List.of(billing), NOON, 0, 0, 0));
    assertThat(task("1").worker()).isEqualTo(ANN);
    assertThat(task("1").handedOutMs()).isEqualTo(NOON + 1_000);
  }

  @Test
  final void aWorkerThatReports_hasTheTaskNoMore_andTheTaskRemembersIt() {
    add(pending("1"), pending("2").deadLettered());
    claimAs(ANN, ClaimFilter.ANY);
    claimAs(ANN, ClaimFilter.ANY);
    time.advance(Duration.ofSeconds(1));

    conclude("1", Conclusion.COMPLETE);

    assertThat(store.tasks().workers(null, 10))
        .containsExactly(new WorkerSight(ANN, ANY, NOON, NOON + 1_000, 1, NOON));
    assertThat(store.tasks().findEnded("1").orElseThrow().worker()).isEqualTo(ANN);
    conclude("2", Conclusion.FAILURE);
    assertThat(store.tasks().workers(null, 10))
        .containsExactly(new WorkerSight(ANN, ANY, NOON, NOON + 1_000, 0, 0));
    assertThat(task("2").worker()).isEqualTo(ANN);
  }

  @Test
  final void aWorkerThatWasLate_hasTheTaskNoMore() {
    add(pending("1"));
    claimAs(ANN, ClaimFilter.ANY);
    time.advance(PATIENCE.plus(MOMENT));
    sweep(Sweep.DEADLINES);

    assertThat(task("1").worker()).isNull();
    assertThat(store.tasks().workers(null, 10))
        .containsExactly(new WorkerSight(ANN, ANY, NOON, 0, 0, 0));
    claimAs(BOB, ClaimFilter.ANY);
    assertThat(task("1").worker()).isEqualTo(BOB);
    conclude("1", Conclusion.COMPLETE); // says no name: the one that has the task is heard
    assertThat(store.tasks().workers(ANN, 10).getFirst().reportedMs())
        .isEqualTo(time.now().wallMs());
  }

  @Test
  final void whatIsTakenBackFromAWorker_itHasNoMore() {
    add(pending("1"), pending("2"));
    Claim claim = claimAs(ANN, ClaimFilter.ANY).orElseThrow().claim();
    claimAs(ANN, ClaimFilter.ANY);

    store.dispatch().release(List.of(claim));
    assertThat(act(Act.CANCEL, "2")).isEqualTo(Verdict.DONE);

    assertThat(store.tasks().workers(null, 10))
        .containsExactly(new WorkerSight(ANN, ANY, NOON, 0, 0, 0));
  }

  @Test
  final void aWorkerThatComesBackOnAnotherConnection_hasItsTasksThere() {
    add(pending("1"));
    Claim claim = claimAs(ANN, ClaimFilter.ANY).orElseThrow().claim();
    time.advance(Duration.ofSeconds(1));

    Attempt attempt = new Attempt("1", claim.token());
    await(store.attempts().holding(List.of(attempt), null, BOB));

    assertThat(task("1").worker()).isEqualTo(BOB);
    assertThat(store.tasks().workers(null, 10))
        .containsExactly(
            new WorkerSight(ANN, ANY, NOON, 0, 0, 0),
            new WorkerSight(BOB, List.of(), 0, NOON + 1_000, 1, NOON));
  }

  @Test
  final void aNewProcess_knowsNoWorkers() {
    add(pending("1"));
    claimAs(ANN, ClaimFilter.ANY);

    store.reopen();

    assertThat(store.tasks().workers(null, 10)).isEmpty();
    assertThat(task("1").worker()).isNull();
    assertThat(task("1").handedOutMs()).isZero();
    conclude("1", Conclusion.COMPLETE);
    assertThat(store.tasks().workers(null, 10)).isEmpty();
  }

  @Test
  final void aPushAndANamelessCaller_areNoWorkers() {
    add(pending("1"), pending("2"));

    claimForPush(1);
    claimOne();

    assertThat(store.tasks().workers(null, 10)).isEmpty();
    assertThat(task("1").worker()).isNull();
    assertThat(task("1").handedOutMs()).isEqualTo(NOON);
  }

  @Test
  final void aWorkerThatDoesNotCall_isForgottenAfterTenMinutes_unlessItHasATask() {
    add(pending("1").deadline(Duration.ofHours(1)));
    claimAs(ANN, ClaimFilter.ANY);
    claimAs(BOB, ClaimFilter.ANY);

    time.advance(Duration.ofMinutes(10));
    assertThat(workers(null, 10)).containsExactly(ANN, BOB);
    time.advance(MOMENT);
    assertThat(workers(null, 10)).containsExactly(ANN);

    conclude("1", Conclusion.COMPLETE); // by which it calls
    assertThat(workers(null, 10)).containsExactly(ANN);
    time.advance(Duration.ofMinutes(10).plus(MOMENT));
    assertThat(workers(null, 10)).isEmpty();
    claimAs("c", ClaimFilter.ANY);
    assertThat(workers(null, 10)).containsExactly("c");
  }

  @Test
  final void workers_areInTheOrderOfTheirNames_inPieces_andNotTooMany() {
    add(pending("1"));
    claimAs("w-0", ClaimFilter.ANY); // which has a task from here on
    for (int i = 1; i <= WorkerSight.MOST + 1; i++) {
      claimAs("w-" + i, ClaimFilter.ANY);
    }

    List<String> all = new ArrayList<>();
    List<String> piece = workers(null, 1_000);
    while (!piece.isEmpty()) {
      all.addAll(piece);
      piece = workers(all.getLast(), 1_000);
    }

    assertThat(all).hasSize(WorkerSight.MOST).isSorted().contains("w-0", "w-3");
    assertThat(all).doesNotContain("w-1", "w-2"); // they called longest ago
    assertThat(workers("w-1", 2)).containsExactly("w-10", "w-100");
  }

  private Optional<Delivered> claimAs(String worker, ClaimFilter filter) {
    return await(store.dispatch().claim(filter, new NamedRecipient(worker)));
  }

  private List<String> workers(@Nullable String after, int limit) {
    return store.tasks().workers(after, limit).stream().map(WorkerSight::worker).toList();
  }
}
