package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of activations that fail when they are pushed, and of those beside them. */
class PushFailuresTest {
  private static final int MOST_FAILURES = 3;
  private static final EngineSettings ENGINE =
      new EngineSettings(Duration.ofSeconds(3), MOST_FAILURES);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final PushSettings SETTINGS =
      new PushSettings(4, 4, 4, Duration.ofSeconds(5), LEASE);

  /** Longer than any pause of a lane. */
  private static final Duration A_PAUSE = Duration.ofSeconds(6);

  private final SettableTime time = new SettableTime();
  private final ModelStore tasks = new ModelStore(ENGINE, time);
  private final HeldWorkers workers = new HeldWorkers();
  private final Stalls stalls = new Stalls(time);
  private final PushDelivery delivery =
      new PushDelivery(tasks, workers, SETTINGS, time, stalls, PushMetrics.NONE);

  // ---------------------------------------------------------------- a limit of our own

  @Test
  void aFullGateway_isNoWordFromTheWorkers() throws Exception {
    store("a", "b");
    delivery.turn();
    workers.take().answer().complete(new Answer.Refused("away"));
    workers.take().answer().complete(new Answer.Refused("away"));
    time.advance(A_PAUSE);
    delivery.turn();
    HeldWorkers.Push silent = workers.take();

    workers.take().answer().complete(new Answer.Full());

    assertThat(stalls.current()).hasSize(1);
    silent.answer().complete(new Answer.Refused("still away"));
    time.advance(Duration.ofMillis(150)); // more than the first pause, less than the second
    delivery.turn();
    assertThat(workers.hasMore()).isFalse();
  }

  @Test
  void aFullGateway_isAskedAgainOnceAPushHasEnded() throws Exception {
    store("a", "b");
    delivery.turn();
    HeldWorkers.Push first = workers.take();
    workers.take().answer().complete(new Answer.Full());

    time.advance(A_PAUSE);
    delivery.turn();
    assertThat(workers.hasMore()).isFalse();
    assertThat(tasks.depths().pending()).isEqualTo(1);

    first.answer().complete(new Answer.Accepted());
    assertThat(id(workers.take())).isEqualTo("b");
  }

  @Test
  void aFullGateway_isAskedAgainWhenNothingIsUnderWay() throws Exception {
    store("a", "b");
    delivery.turn();
    HeldWorkers.Push first = workers.take();
    HeldWorkers.Push second = workers.take();
    first.answer().complete(new Answer.Accepted());

    second.answer().complete(new Answer.Full());

    assertThat(id(workers.take())).isEqualTo("b");
  }

  // ---------------------------------------------------------------- poison

  @ParameterizedTest
  @DisplayName("Ours: what fails at each push leaves for the dead-letter topic")
  @ValueSource(strings = {"failed", "declined"})
  void whatFailsAtEachPush_isGivenUp(String kind) throws Exception {
    store("a");
    for (int push = 1; push <= MOST_FAILURES; push++) {
      pass();
      HeldWorkers.Push failing = workers.take();
      assertThat(id(failing)).isEqualTo("a");
      failing.answer().complete(answer(kind, "error " + push));
    }

    pass();

    assertThat(workers.hasMore()).isFalse();
    assertThat(deadLetter().map(taken -> taken.row().activation().defect()))
        .contains("3 pushes of it have failed, the last with: error 3");
  }

  private static Answer answer(String kind, String reason) {
    return kind.equals("failed") ? new Answer.Failed(reason) : new Answer.Declined(reason);
  }

  @Test
  @DisplayName("Ours: what silences its worker each time, while others are taken, is given up")
  void whatSilencesItsWorkerEachTime_isGivenUp() throws Exception {
    store("bad");
    for (int push = 0; push <= MOST_FAILURES; push++) {
      store("good-" + push);
      pass();
      for (int i = 0; i < 2; i++) {
        HeldWorkers.Push next = workers.take();
        boolean isBad = id(next).equals("bad");
        next.answer().complete(isBad ? new Answer.Unknown("silence") : new Answer.Accepted());
      }
    }

    pass();

    assertThat(workers.hasMore()).isFalse();
    assertThat(deadLetter().map(taken -> taken.row().activation().defect()))
        .contains("3 pushes of it have failed, the last with: silence");
  }

  @Test
  @DisplayName("Ours: silence while nothing else is taken is due to the workers, not to the task")
  void theOnlyActivationOfWorkersThatHang_isNotGivenUp() throws Exception {
    store("a");
    for (int push = 0; push < 4 * MOST_FAILURES; push++) {
      pass();
      workers.take().answer().complete(new Answer.Unknown("silence"));
    }

    pass();

    assertThat(id(workers.take())).isEqualTo("a");
    assertThat(deadLetter()).isEmpty();
  }

  @Test
  void aDeclinedActivation_isPendingAtOnce_andAFailedOneKeepsItsLease() throws Exception {
    store("a", "b");
    delivery.turn();

    workers.take().answer().complete(new Answer.Declined("not this one"));
    workers.take().answer().complete(new Answer.Failed("it broke"));

    assertThat(tasks.depths().pending()).isEqualTo(1);
    assertThat(tasks.depths().claimed()).isEqualTo(1);
  }

  @Test
  void oneThatFails_isNoStandstill_andHoldsUpOthersForAMomentOnly() throws Exception {
    store("bad");
    delivery.turn();
    workers.take().answer().complete(new Answer.Failed("it broke"));
    store("good");

    time.advance(Duration.ofMillis(100).plusMillis(1));
    delivery.turn();

    assertThat(id(workers.take())).isEqualTo("good");
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void whenEveryOneFails_theWorkersAreToBlame() throws Exception {
    store("a", "b");
    delivery.turn();

    workers.take().answer().complete(new Answer.Failed("it broke"));
    workers.take().answer().complete(new Answer.Failed("it broke"));

    assertThat(stalls.current()).hasSize(1);
  }

  // ---------------------------------------------------------------- workers that are away

  @Test
  @DisplayName("Ours: an application that is away or hangs loses nothing, however long")
  void workersThatAreAwayOrHang_makeNothingHopeless() throws Exception {
    store("a", "b");
    for (int push = 0; push < 4 * MOST_FAILURES; push++) {
      pass();
      Answer answer = push % 2 == 0 ? new Answer.Refused("away") : new Answer.Unknown("silence");
      workers.take().answer().complete(answer);
      workers.take().answer().complete(answer);
    }

    pass();

    assertThat(id(workers.take())).isEqualTo("a");
    assertThat(id(workers.take())).isEqualTo("b");
    assertThat(deadLetter()).isEmpty();
  }

  @Test
  void busyWorkers_makeNothingHopeless() throws Exception {
    store("a");
    for (int push = 0; push <= 2 * MOST_FAILURES; push++) {
      pass();
      workers.take().answer().complete(new Answer.Busy());
    }

    assertThat(deadLetter()).isEmpty();
  }

  // ---------------------------------------------------------------- fixture

  /** All leases end, and all pauses. */
  private void pass() {
    time.advance(LEASE.plus(A_PAUSE));
    tasks.sweep(Sweep.LEASES, 100);
    delivery.turn();
  }

  private void store(String... ids) {
    for (String id : ids) {
      int offset = tasks.rows().size();
      tasks.add(List.of(Activations.pending(id).offset(offset).arriving()), new AssignmentEpoch());
    }
  }

  private Optional<Taken> deadLetter() {
    return tasks.take(Lane.DEAD_LETTER, 10, 1_000).stream().findFirst();
  }

  private static String id(HeldWorkers.Push push) {
    return push.task().claim().activation().id();
  }
}
