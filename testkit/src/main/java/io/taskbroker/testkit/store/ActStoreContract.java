package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What operators do to tasks. Extend this once per store, give it an empty one, and add nothing.
 */
public abstract class ActStoreContract extends StoreContract {
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
}
