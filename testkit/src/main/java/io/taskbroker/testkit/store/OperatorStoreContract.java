package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.domain.operator.WorkerSight;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What operators see and do. Extend this once per store, give it an empty one, and add nothing. */
public abstract class OperatorStoreContract extends StoreContract {
  private static final PauseTarget SHOP = PauseTarget.ofApplication("shop");

  /** Two workers, and what they ask for. */
  private static final String ANN = "10.0.0.5:41234";

  private static final String BOB = "10.0.0.6:50000";
  private static final List<ClaimFilter> ANY = List.of(ClaimFilter.ANY);

  // ---------------------------------------------------------------- acts

  @Test
  final void cancel_endsATaskWhereverItStands() {
    add(
        pending("pulled"),
        pending("failed").deadLettered(),
        pending("retried"),
        pending("waiting"),
        delayed("delayed", NOON + 60_000));
    claimOne();
    conclude("failed", Conclusion.FAILURE);
    conclude("retried", Conclusion.RETRY);

    for (String id : List.of("pulled", "failed", "retried", "waiting", "delayed")) {
      assertThat(act(Act.CANCEL, id)).as(id).isEqualTo(Verdict.DONE);
      assertThat(status(id)).as(id).isEqualTo(Status.COMPLETE);
      assertThat(act(Act.CANCEL, id)).as(id).isEqualTo(Verdict.NOT_STORED);
    }
    assertThat(claim()).isEmpty();
    assertThat(conclude("pulled", Conclusion.RETRY)).isFalse();
  }

  @Test
  final void anAtMostOnceTaskThatMayHaveBegun_isLeftAlone() {
    add(pending("pulled").atMostOnce());
    acknowledge(1);
    sweep(Sweep.COMMITTED);
    claimOne();

    for (Act act : List.of(Act.CANCEL, Act.COMPLETE, Act.GIVE_BACK)) {
      assertThat(act(act, "pulled")).as("%s", act).isEqualTo(Verdict.MAY_HAVE_BEGUN);
    }
    conclude("pulled", Conclusion.FAILURE);

    assertThat(act(Act.REQUEUE, "pulled")).isEqualTo(Verdict.MAY_HAVE_BEGUN);
    assertThat(act(Act.CANCEL, "pulled")).isEqualTo(Verdict.DONE);
  }

  @Test
  final void anAtMostOnceTaskWhosePushNeverBegan_isGivenBack() {
    add(pending("pushed").atMostOnce());
    acknowledge(1);
    sweep(Sweep.COMMITTED);
    claimForPush(1);

    assertThat(act(Act.GIVE_BACK, "pushed")).isEqualTo(Verdict.DONE);
    assertThat(status("pushed")).isEqualTo(Status.PENDING);

    var claim = claimForPush(1).getFirst().claim();
    await(store.pushes().sending(claim));
    assertThat(act(Act.GIVE_BACK, "pushed")).isEqualTo(Verdict.MAY_HAVE_BEGUN);
  }

  @Test
  final void runNow_endsADelay_andNothingElse() {
    add(delayed("later", NOON + 60_000), pending("now"));

    assertThat(act(Act.RUN_NOW, "later")).isEqualTo(Verdict.DONE);
    assertThat(act(Act.RUN_NOW, "now")).isEqualTo(Verdict.WITHOUT_EFFECT);

    assertThat(id(claimOne())).isEqualTo("later"); // its place is that of its arrival
  }

  @Test
  final void giveBack_returnsATaskToItsPlace_andItsWorkersReportStillCounts() {
    add(pending("1"), pending("2"));
    claimOne();

    assertThat(act(Act.GIVE_BACK, "1")).isEqualTo(Verdict.DONE);
    assertThat(act(Act.GIVE_BACK, "2")).isEqualTo(Verdict.WITHOUT_EFFECT);

    assertThat(row("1").attempts()).isZero();
    assertThat(id(claimOne())).isEqualTo("1");
    assertThat(conclude("1", Conclusion.COMPLETE)).isTrue();
  }

  @Test
  final void requeue_runsAFailedTaskAnewWithAllItsAttempts() {
    add(pending("1").deadLettered());
    for (int attempt = 0; attempt < SETTINGS.maxAttempts(); attempt++) {
      claimOne();
      time.advance(PATIENCE.plus(MOMENT));
      sweep(Sweep.DEADLINES);
    }
    sweep(Sweep.ATTEMPTS);
    assertThat(status("1")).isEqualTo(Status.FAILURE);

    assertThat(act(Act.REQUEUE, "1")).isEqualTo(Verdict.DONE);

    assertThat(row("1").attempts()).isZero();
    assertThat(id(claimOne())).isEqualTo("1");
    assertThat(store.outbox().take(Lane.DEAD_LETTER, 10, 1_000)).isEmpty();
  }

  @Test
  final void whatIsWithThePublisher_isLeftAlone() {
    add(pending("1").deadLettered());
    conclude("1", Conclusion.FAILURE);
    long key = store.outbox().take(Lane.DEAD_LETTER, 10, 1_000).getFirst().row().key();

    assertThat(act(Act.REQUEUE, "1")).isEqualTo(Verdict.LEAVING);
    assertThat(act(Act.CANCEL, "1")).isEqualTo(Verdict.LEAVING);

    store.outbox().giveBack(List.of(key));
    assertThat(act(Act.REQUEUE, "1")).isEqualTo(Verdict.DONE);
  }

  @Test
  final void whatIsWithAWorker_hasTheTokenOfItsHandOut() {
    add(pending("1"), pending("2"));
    long token = claimOne().claim().token();

    assertThat(task("1").token()).isEqualTo(token);
    assertThat(task("2").token()).isEqualTo(Token.NONE);
    assertThat(store.tasks().list(TaskFilter.ANY, 0, 10).tasks())
        .extracting(StoredTask::token)
        .containsExactly(token, Token.NONE);

    act(Act.CANCEL, "1");
    assertThat(claimOne().claim().token()).isEqualTo(task("2").token()).isNotEqualTo(token);
  }

  @Test
  final void act_answersForEachInOrder() {
    add(pending("1"), pending("2"));
    long one = task("1").key();
    long two = task("2").key();
    act(Act.CANCEL, "2");

    assertThat(store.steering().act(Act.CANCEL, List.of(two, one, 99L, one)))
        .containsExactly(Verdict.NOT_STORED, Verdict.DONE, Verdict.NOT_STORED, Verdict.NOT_STORED);
  }

  // ---------------------------------------------------------------- what has ended

  @Test
  final void whatHasEnded_isRemembered_withHowItEnded() {
    add(
        pending("done"),
        pending("cancelled"),
        pending("failed"),
        pending("retried"),
        pending("open"));
    claimOne();
    time.advance(MOMENT);
    conclude("done", Conclusion.COMPLETE);
    act(Act.CANCEL, "cancelled");
    conclude("failed", Conclusion.FAILURE);
    sweep(Sweep.DISCARDS);
    conclude("retried", Conclusion.RETRY);
    store.outbox().published(List.of(task("retried").key()));
    sweep(Sweep.COMMITTED); // behind which the word of Kafka is written

    assertThat(ended(null)).containsExactly("retried", "failed", "cancelled", "done");
    assertThat(ended(Ending.DISCARDED)).containsExactly("failed");
    EndedTask done = store.tasks().findEnded("done").orElseThrow();
    assertThat(done.ending()).isEqualTo(Ending.COMPLETED);
    assertThat(done.endedMs() - done.handedOutMs()).isEqualTo(MOMENT.toMillis());
    EndedTask failed = store.tasks().findEnded("failed").orElseThrow();
    assertThat(failed.failure()).isNotNull();
    assertThat(store.tasks().findEnded("open")).isEmpty();
  }

  @Test
  final void whatHasEnded_isListedInPieces_andForgottenAfterItsTime() {
    add(pending("1"), pending("2"), pending("3").application("billing"));
    for (String id : List.of("1", "2", "3")) {
      act(Act.CANCEL, id);
    }

    EndedPage first = store.tasks().ended(TaskFilter.ANY, null, 0, 2);
    EndedPage second = store.tasks().ended(TaskFilter.ANY, null, first.next(), 2);

    assertThat(idsOf(first)).containsExactly("3", "2");
    assertThat(idsOf(second)).containsExactly("1");
    assertThat(second.next()).isZero();
    assertThat(
            idsOf(
                store
                    .tasks()
                    .ended(new TaskFilter("billing", null, null, null, null), null, 0, 10)))
        .containsExactly("3");
    time.advance(SETTINGS.keeping().endedFor());
    assertThat(ended(null)).isEmpty();
    assertThat(store.tasks().findEnded("1")).isEmpty();
  }

  private List<String> ended(@Nullable Ending ending) {
    return idsOf(store.tasks().ended(TaskFilter.ANY, ending, 0, 100));
  }

  private static List<String> idsOf(EndedPage page) {
    return page.tasks().stream().map(task -> task.activation().id()).toList();
  }

  // ---------------------------------------------------------------- pauses

  @Test
  final void pause_handsOutNothingOfItsTarget_andEverythingElse() {
    add(
        pending("1"),
        pending("2").application("billing"),
        pending("3").application("billing").taskname("send"));

    pause(SHOP, null);

    assertThat(claim(new ClaimFilter("shop", null))).isEmpty();
    assertThat(claimForPush(10)).isEmpty();
    assertThat(id(claimOne())).isEqualTo("2");
    assertThat(store.rules().demote(Set.of("orders"), 10)).isOne(); // the other one
    assertThat(status("1")).isEqualTo(Status.PENDING);
  }

  @Test
  final void aPause_isOfANamespaceATaskOrATopicToo() {
    add(pending("1").namespace("slow").taskname("resize").at(Activations.ORIGIN, 1));

    for (PauseTarget target :
        List.of(
            new PauseTarget("shop", "slow", null, null),
            new PauseTarget(null, null, "resize", null),
            new PauseTarget(null, null, null, Activations.ORIGIN.topic()))) {
      pause(target, null);
      assertThat(claim()).as("%s", target).isEmpty();
      assertThat(store.steering().resume(target)).isTrue();
      var claim = claimOne().claim();
      store.dispatch().release(List.of(claim));
    }
    pause(new PauseTarget("shop", "fast", null, null), null);
    assertThat(claim()).isPresent();
  }

  @Test
  final void resume_handsTasksOutAtTheirOldPlaces() {
    add(pending("1"), pending("2").application("billing"), pending("3"));
    pause(SHOP, null);
    assertThat(id(claimOne())).isEqualTo("2");
    assertThat(claim()).isEmpty();
    add(pending("4").application("billing"));

    assertThat(store.steering().resume(SHOP)).isTrue();
    assertThat(store.steering().resume(SHOP)).isFalse();

    assertThat(List.of(id(claimOne()), id(claimOne()), id(claimOne())))
        .containsExactly("1", "3", "4");
  }

  @Test
  final void aPause_endsByItself() {
    add(pending("1"));
    pause(SHOP, NOON + 60_000);
    time.advance(Duration.ofSeconds(59));
    assertThat(claim()).isEmpty();

    time.advance(Duration.ofSeconds(1));

    assertThat(store.steering().pauses()).isEmpty();
    assertThat(claim()).isPresent();
  }

  @Test
  final void aPause_outlivesTheProcess_withAllThatWasSaidOfIt() {
    add(pending("1"));
    Pause pause = new Pause(SHOP, "ann & bob", "deploy = 100 % ?", NOON, NOON + 60_000);
    store.steering().pause(pause);
    pause(new PauseTarget("a=b&c", "", "ü", null), null);
    List<Pause> before = store.steering().pauses();

    store.reopen();

    assertThat(store.steering().pauses()).isEqualTo(before).contains(pause).hasSize(2);
    assertThat(claim()).isEmpty();
    assertThat(store.steering().resume(SHOP)).isTrue();
    store.reopen();
    assertThat(claim()).isPresent();
  }

  @Test
  final void anOrderToDrain_outlivesTheProcess_untilItIsEnded() {
    assertThat(store.steering().draining()).isEmpty();
    assertThat(store.steering().endDrain()).isFalse();
    store.steering().drain(new Drain("bob", "", NOON - 1, OnEmpty.STAY));
    Drain drain = new Drain("ann & bob", "deploy = 100 % ?", NOON, OnEmpty.EXIT);
    store.steering().drain(drain);

    store.reopen();

    assertThat(store.steering().draining()).contains(drain);
    add(pending("1"));
    assertThat(claim()).isPresent();
    assertThat(store.steering().endDrain()).isTrue();
    store.reopen();
    assertThat(store.steering().draining()).isEmpty();
  }

  @Test
  final void whatIsPaused_expiresAndIsStillWithItsWorker() {
    add(pending("1"), pending("2").expiresAt(NOON + 1_000));
    var claim = claimOne().claim();
    pause(SHOP, null);
    assertThat(claim()).isEmpty();

    time.advance(Duration.ofSeconds(2));

    assertThat(sweep(Sweep.EXPIRY)).isOne();
    assertThat(conclude(claim.activation().id(), Conclusion.COMPLETE)).isTrue();
  }

  // ---------------------------------------------------------------- orders of rules

  @Test
  final void anOrderOfRules_outlivesTheProcess_untilItIsForgotten() {
    store.ruleOrders().keep("b", "first");
    store.ruleOrders().keep("a", "100 % = & ü");
    store.ruleOrders().keep("b", "second");

    assertThat(store.ruleOrders().kept())
        .containsExactly(entry("a", "100 % = & ü"), entry("b", "second"));
    store.reopen();
    assertThat(store.ruleOrders().kept())
        .containsExactly(entry("a", "100 % = & ü"), entry("b", "second"));

    assertThat(store.ruleOrders().forget("b")).isTrue();
    assertThat(store.ruleOrders().forget("b")).isFalse();
    store.reopen();
    assertThat(store.ruleOrders().kept()).containsOnlyKeys("a");
    assertThat(store.steering().pauses()).isEmpty();
  }

  @Test
  final void anOrderOfRules_isKeptIfItWasWritten_andNotElse() {
    store.dieAtNextWrite(TestStore.Death.BEFORE_WRITE);
    assertThatThrownBy(() -> store.ruleOrders().keep("a", "lost"))
        .isInstanceOf(StoreException.Closed.class);
    store.reopen();
    assertThat(store.ruleOrders().kept()).isEmpty();

    store.dieAtNextWrite(TestStore.Death.BEFORE_ANSWER);
    assertThatThrownBy(() -> store.ruleOrders().keep("a", "kept"))
        .isInstanceOf(StoreException.Closed.class);
    store.reopen();
    assertThat(store.ruleOrders().kept()).containsExactly(entry("a", "kept"));
  }

  @Test
  final void thereIsAnEndToOrdersOfRules() {
    for (int i = 0; i < RuleOrderStore.MOST; i++) {
      store.ruleOrders().keep("order " + i, "text");
    }

    assertThatThrownBy(() -> store.ruleOrders().keep("one more", "text"))
        .isInstanceOf(StoreException.Rejected.class);
    store.ruleOrders().keep("order 0", "other");
    assertThat(store.ruleOrders().kept())
        .hasSize(RuleOrderStore.MOST)
        .containsEntry("order 0", "other");
  }

  // ---------------------------------------------------------------- looking

  @Test
  final void list_givesWhatIsNotOver_inPieces_eachOnce() {
    for (int i = 0; i < 25; i++) {
      add(pending("t" + i).application(i % 2 == 0 ? "shop" : "billing"));
    }
    conclude("t4", Conclusion.COMPLETE);
    List<String> ids = new ArrayList<>();

    TaskFilter shop = new TaskFilter("shop", null, null, null, null);
    TaskPage page = store.tasks().list(shop, 0, 5);
    while (true) {
      assertThat(page.tasks()).hasSizeLessThanOrEqualTo(5);
      page.tasks().forEach(task -> ids.add(task.activation().id()));
      if (page.isLast()) {
        break;
      }
      page = store.tasks().list(shop, page.last(), 5);
    }

    assertThat(ids)
        .containsExactly(
            "t0", "t2", "t6", "t8", "t10", "t12", "t14", "t16", "t18", "t20", "t22", "t24");
  }

  @Test
  final void list_goesByEachOfItsConditions() {
    add(
        pending("send-1").namespace("slow"),
        pending("send-2").taskname("resize"),
        delayed("later", NOON + 60_000).receivedAt(NOON - 60_000));
    claimOne();

    assertThat(listed(TaskFilter.ANY)).containsExactly("send-1", "send-2", "later");
    assertThat(listed(new TaskFilter(null, "slow", null, null, null))).containsExactly("send-1");
    assertThat(listed(new TaskFilter(null, null, "resize", null, null))).containsExactly("send-2");
    assertThat(listed(new TaskFilter(null, null, null, Status.DELAY, null)))
        .containsExactly("later");
    assertThat(listed(new TaskFilter(null, null, null, Status.PROCESSING, null)))
        .containsExactly("send-1");
    assertThat(listed(new TaskFilter(null, null, null, null, "end-"))).hasSize(2);
    assertThat(listed(new TaskFilter("nobody", null, null, null, null))).isEmpty();
    assertThat(listed(new TaskFilter(null, null, null, null, null, NOON))).containsExactly("later");
    assertThat(listed(new TaskFilter(null, null, null, null, null, NOON - 60_000))).isEmpty();
  }

  @Test
  final void find_givesATaskAsItStands_andItsPayload() {
    add(pending("1").payload(new byte[] {1, 2, 3}));
    time.advance(Duration.ofSeconds(1));
    claimOne();

    StoredTask task = task("1");

    assertThat(task.activation().id()).isEqualTo("1");
    assertThat(task.state().status()).isEqualTo(Status.PROCESSING);
    assertThat(store.tasks().payload(task.key()).orElseThrow()).containsExactly(1, 2, 3);
    conclude("1", Conclusion.COMPLETE);
    assertThat(store.tasks().payload(task.key())).isEmpty();
    assertThat(store.tasks().find("2")).isEmpty();
  }

  @Test
  final void counts_areOfEachKind_inPieces() {
    add(
        pending("1").receivedAt(NOON - 5_000),
        pending("2").receivedAt(NOON - 4_000),
        pending("3").taskname("resize"),
        pending("4").application("billing").receivedAt(NOON - 9_000));
    claimOne();

    List<TaskCount> all = store.tasks().counts(null, 10);

    TaskNames first = TaskNames.of(task("4").activation());
    assertThat(all.getFirst())
        .isEqualTo(
            new TaskCount(first, Map.of(Status.PENDING, 1), Optional.of(Duration.ofSeconds(9))));
    assertThat(all)
        .contains(
            new TaskCount(
                TaskNames.of(task("1").activation()),
                Map.of(Status.PENDING, 1, Status.PROCESSING, 1),
                Optional.of(Duration.ofSeconds(4))))
        .hasSize(3);
    assertThat(store.tasks().counts(null, 1)).containsExactly(all.getFirst());
    assertThat(store.tasks().counts(first, 10)).isEqualTo(all.subList(1, 3));
  }

  @Test
  final void upcoming_areThoseThatAreDelayed_inTheOrderInWhichTheyAreDue() {
    long hour = Duration.ofHours(1).toMillis();
    add(
        delayed("in 2 hours", NOON + 2 * hour),
        delayed("in a minute", NOON + 60_000),
        pending("now"),
        delayed("in 90 minutes", NOON + hour * 3 / 2));

    assertThat(upcoming(10)).containsExactly("in a minute", "in 90 minutes", "in 2 hours");
    assertThat(upcoming(2)).containsExactly("in a minute", "in 90 minutes");

    time.advance(Duration.ofMinutes(45)); // what was far is near, and nobody has moved it
    add(delayed("in 50 minutes", time.now().wallMs() + 50 * 60_000));

    assertThat(upcoming(4))
        .containsExactly("in a minute", "in 90 minutes", "in 50 minutes", "in 2 hours");
    assertThat(act(Act.RUN_NOW, "in a minute")).isEqualTo(Verdict.DONE);
    assertThat(act(Act.CANCEL, "in 2 hours")).isEqualTo(Verdict.DONE);
    assertThat(upcoming(4)).containsExactly("in 90 minutes", "in 50 minutes");
  }

  // ---------------------------------------------------------------- workers

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
    conclude("1", Conclusion.COMPLETE); // whoever that is, the one that has it is heard
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

  // ---------------------------------------------------------------- in short

  private List<String> upcoming(int limit) {
    return store.tasks().upcoming(limit).stream().map(task -> task.activation().id()).toList();
  }

  private List<String> listed(TaskFilter filter) {
    return store.tasks().list(filter, 0, 100).tasks().stream()
        .map(task -> task.activation().id())
        .toList();
  }

  private StoredTask task(String id) {
    return store.tasks().find(id).orElseThrow(() -> new AssertionError("no task '" + id + "'"));
  }

  private Verdict act(Act act, String id) {
    return store.steering().act(act, List.of(task(id).key())).getFirst();
  }

  private void pause(PauseTarget target, @Nullable Long untilMs) {
    store.steering().pause(new Pause(target, "ann", "to see", time.now().wallMs(), untilMs));
  }
}
