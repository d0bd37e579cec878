package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.upkeep.UpkeepReport;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.journal.CrampedJournal;
import io.taskbroker.testkit.journal.CrampedJournal.Room;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What has happened between the broker and its workers, and cannot be written down at once. */
class PushFactsTest {
  /** Longer than a lease, and than the pause after it; shorter than the task's deadline. */
  private static final Duration LONGER_THAN_A_LEASE = Duration.ofSeconds(40);

  private static final Duration DEADLINE = Duration.ofMinutes(10);

  /** Some minutes, of which a pause takes seconds. */
  private static final int MOST_STEPS = 3_000;

  private final CrampedJournal journal = new CrampedJournal();
  private final HeldWorkers workers = new HeldWorkers();

  @ParameterizedTest(name = "at most once: {0}")
  @DisplayName("Ours: what a worker accepts while the disk is full is written when there is room")
  @ValueSource(booleans = {false, true})
  void whatIsAcceptedWhileTheDiskIsFull_isNotPushedAgain(boolean once) throws Exception {
    try (BrokerFixture broker = started()) {
      HeldWorkers.Push push = pushed(broker, once);

      journal.leave(Room.NONE);
      push.answered(new Answer.Accepted());
      journal.leave(Room.ENOUGH);
      broker.await("it to be written", () -> broker.lastPass().depths().processing() == 1);
      broker.time().advance(LONGER_THAN_A_LEASE);
      broker.await("another pass", () -> broker.lastPass().depths().processing() == 1);

      assertThat(workers.hasMore()).isFalse();
      assertThat(broker.topics().records(BrokerFixture.DEAD_LETTERS)).isEmpty();
      assertThat(broker.report(push.task(), Conclusion.COMPLETE)).isTrue();
    }
  }

  @ParameterizedTest(name = "at most once: {0}")
  @DisplayName(
      "Ours: what reached nobody while the disk is full is pushed again, and does not fail")
  @ValueSource(booleans = {false, true})
  void whatReachedNobodyWhileTheDiskIsFull_isPushedAgain(boolean once) throws Exception {
    try (BrokerFixture broker = started()) {
      HeldWorkers.Push push = pushed(broker, once);

      journal.leave(Room.NONE);
      push.answered(new Answer.Refused("away"));
      broker.time().advance(Duration.ofSeconds(2));
      journal.leave(Room.ENOUGH);

      awaitReturn(broker);
      workers.take().answered(new Answer.Accepted());
      broker.await("it to be written", () -> broker.lastPass().depths().processing() == 1);
      assertThat(broker.topics().records(BrokerFixture.DEAD_LETTERS)).isEmpty();
    }
  }

  /** Time passes no faster than the broker's loops: a lease is not to end before its push. */
  @SuppressWarnings("ReferenceEquality") // two passes may find the same
  private void awaitReturn(BrokerFixture broker) {
    for (int step = 0; step < MOST_STEPS && !workers.hasMore(); step++) {
      UpkeepReport before = broker.lastPass();
      broker.await("a pass of upkeep", () -> broker.lastPass() != before);
      broker.time().advance(Duration.ofMillis(100));
    }
  }

  private BrokerFixture started() {
    return BrokerFixture.builder().journal(() -> journal).workers(workers).start();
  }

  private HeldWorkers.Push pushed(BrokerFixture broker, boolean once) throws Exception {
    Activations task = Activations.pending("task").application("shop").deadline(DEADLINE);
    broker.produce((once ? task.atMostOnce() : task).deadLettered());
    HeldWorkers.Push push = workers.take();
    broker.await("nothing else is to be written", journal::knowsCommits);
    return push;
  }
}
