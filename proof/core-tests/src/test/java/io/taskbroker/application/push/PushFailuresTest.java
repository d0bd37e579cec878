package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
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
      new PushDelivery(tasks, new PushPorts(workers, SETTINGS, EventSink.none()), time, stalls);

  // ---------------------------------------------------------------- poison

  @Test
  @DisplayName("Ours: what fails at each push leaves for the dead-letter topic")
  void whatFailsAtEachPush_isGivenUp() throws Exception {
    store("a");
    for (int push = 1; push <= MOST_FAILURES; push++) {
      pass();
      HeldWorkers.Push failing = workers.take();
      assertThat(id(failing)).isEqualTo("a");
      failing.answered(new Answer.Failed("error " + push));
    }

    pass();

    assertThat(workers.hasMore()).isFalse();
    assertThat(deadLetter().map(taken -> taken.row().activation().defect()))
        .contains("3 deliveries of it have failed, the last with: error 3");
  }

  @Test
  @DisplayName("Ours: what silences its worker each time, while others are taken, is given up")
  void whatSilencesItsWorkerEachTime_isGivenUp() throws Exception {
    store("bad");
    for (int push = 0; push <= MOST_FAILURES; push++) {
      store("good-" + push);
      pass();
      pushUntilAccepted("bad");
    }

    pass();

    assertThat(workers.hasMore()).isFalse();
    assertThat(deadLetter().map(taken -> taken.row().activation().defect()))
        .contains("3 deliveries of it have failed, the last with: silence");
  }

  /** One of them is met with silence, every other is accepted. */
  private void pushUntilAccepted(String silent) throws InterruptedException {
    for (int i = 0; i < 2; i++) {
      HeldWorkers.Push next = workers.take();
      boolean isSilent = id(next).equals(silent);
      next.answered(isSilent ? new Answer.Unknown("silence") : new Answer.Accepted());
      time.advance(A_PAUSE);
      delivery.turn();
    }
  }

  @Test
  @DisplayName("Ours: silence while nothing else is taken is due to the workers, not to the task")
  void theOnlyActivationOfWorkersThatHang_isNotGivenUp() throws Exception {
    store("a");
    for (int push = 0; push < 4 * MOST_FAILURES; push++) {
      pass();
      workers.take().answered(new Answer.Unknown("silence"));
    }

    pass();

    assertThat(id(workers.take())).isEqualTo("a");
    assertThat(deadLetter()).isEmpty();
  }

  @Test
  @DisplayName("Ours: a worker's error leaves open whether it has the task, so the lease is kept")
  void aFailedPush_keepsItsLease() throws Exception {
    store("a", "b");
    delivery.turn();

    workers.take().answered(new Answer.Refused("away"));
    workers.take().answered(new Answer.Failed("it broke"));

    assertThat(tasks.depths().pending()).isEqualTo(1);
    assertThat(tasks.depths().claimed()).isEqualTo(1);
  }

  @Test
  void oneThatFails_isNoStandstill_andHoldsUpOthersForAMomentOnly() throws Exception {
    store("bad");
    delivery.turn();
    workers.take().answered(new Answer.Failed("it broke"));
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

    workers.take().answered(new Answer.Failed("it broke"));
    workers.take().answered(new Answer.Failed("it broke"));

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
      workers.take().answered(answer);
      if (workers.hasMore()) {
        workers.take().answered(answer);
      }
    }

    pass();

    HeldWorkers.Push first = workers.take();
    assertThat(id(first)).isEqualTo("a");
    first.answered(new Answer.Accepted());
    assertThat(id(workers.take())).isEqualTo("b");
    assertThat(deadLetter()).isEmpty();
  }

  @Test
  void busyWorkers_makeNothingHopeless() throws Exception {
    store("a");
    for (int push = 0; push <= 2 * MOST_FAILURES; push++) {
      pass();
      workers.take().answered(new Answer.Busy());
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
