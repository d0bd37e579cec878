package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of tasks whose workers are called. */
class PushTest {
  private static final Duration LEASE_AND_MORE = Duration.ofSeconds(31);

  @Test
  @DisplayName("8.1 push: an unknown outcome keeps the lease, and the task is pushed after it")
  void anUnknownOutcome_keepsTheLease() {
    InMemoryWorkers workers = InMemoryWorkers.of("shop");
    workers.answer("shop", new Answer.Unknown("silence"));
    try (BrokerFixture broker = BrokerFixture.builder().workers(workers).start()) {
      broker.produce(Activations.pending("a").application("shop"));
      broker.await("the push to end", () -> isStalled(broker));
      workers.answer("shop", new Answer.Accepted());

      broker.time().advance(Duration.ofSeconds(20));
      broker.await("the claim to be seen", () -> broker.lastPass().depths().claimed() == 1);
      assertThat(workers.next()).isEmpty();

      broker.time().advance(LEASE_AND_MORE);
      assertThat(id(workers.take())).isEqualTo("a");
    }
  }

  @Test
  @DisplayName("8.1 push: an application whose workers are away slows no other")
  void aDeadApplication_holdsUpNoOther() {
    InMemoryWorkers workers = InMemoryWorkers.of("shop", "bank");
    workers.answer("bank", new Answer.Refused("away"));
    try (BrokerFixture broker = BrokerFixture.builder().workers(workers).start()) {
      for (int i = 0; i < 100; i++) {
        broker.produce(Activations.pending("bank-" + i).application("bank"));
      }
      broker.produce(Activations.pending("a").application("shop"));

      assertThat(id(workers.take())).isEqualTo("a");
      broker.await("a push to be refused", () -> isStalled(broker));
      broker.await("all others to wait", () -> broker.lastPass().depths().pending() == 100);
      assertThat(broker.broker().stalls().current())
          .isEqualTo(
              Map.of(
                  "Pushing to the workers of application 'bank'",
                  "away (connection 1 to in-memory:1)"));
    }
  }

  @Test
  @DisplayName("8.1 early COMPLETE: a report may come before its push is marked")
  void aReportBeforeTheMark_isKept() throws Exception {
    HeldWorkers workers = new HeldWorkers();
    try (BrokerFixture broker = BrokerFixture.builder().workers(workers).start()) {
      broker.produce(Activations.pending("a").application("shop"));
      HeldWorkers.Push push = workers.take();

      assertThat(broker.report(push.task(), Conclusion.COMPLETE)).isTrue();
      push.answer().complete(new Answer.Accepted());

      broker.await("it to be over", () -> broker.lastPass().depths().unfinished() == 0);
    }
  }

  @Test
  void draining_takesBackWhatIsQueued_andWaitsForWhatIsOnItsWay() throws Exception {
    HeldWorkers workers = new HeldWorkers();
    try (BrokerFixture broker = BrokerFixture.builder().workers(workers).start()) {
      for (int i = 0; i < 10; i++) {
        broker.produce(Activations.pending("task-" + i).application("shop"));
      }
      HeldWorkers.Push first = workers.take();
      for (int i = 1; i < 4; i++) {
        workers.take();
      }
      broker.await("all to be claimed", () -> broker.lastPass().depths().claimed() == 10);

      broker.broker().drain();
      assertThat(broker.broker().isDrained()).isFalse();
      broker.await("the queue to be back", () -> broker.lastPass().depths().pending() == 6);
      first.answer().complete(new Answer.Accepted());
      broker.await("one to be marked", () -> broker.lastPass().depths().processing() == 1);
      assertThat(broker.broker().isDrained()).isFalse();

      workers.answerAll(new Answer.Refused("away"));
      broker.await("the end of pushing", () -> broker.broker().isDrained());
      broker.await("the others to be back", () -> broker.lastPass().depths().pending() == 9);
      assertThat(workers.hasMore()).isFalse();
    }
  }

  private static boolean isStalled(BrokerFixture broker) {
    return !broker.broker().stalls().current().isEmpty();
  }

  private static String id(Delivered task) {
    return task.claim().activation().id();
  }
}
