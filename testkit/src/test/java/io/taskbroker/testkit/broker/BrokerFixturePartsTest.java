package io.taskbroker.testkit.broker;

import static io.taskbroker.testkit.rules.InMemoryRules.LONG_TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.rules.RulesEvent;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.journal.CrampedJournal;
import io.taskbroker.testkit.journal.CrampedJournal.Room;
import io.taskbroker.testkit.metrics.RecordedMetrics;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The parts that a test can bring or set. */
class BrokerFixturePartsTest {
  private static String id(Delivered task) {
    return task.claim().activation().id();
  }

  @Test
  void workersThatWait_areCalled() {
    InMemoryWorkers workers = InMemoryWorkers.of("shop");
    try (BrokerFixture broker = BrokerFixture.builder().workers(workers).start()) {
      broker.produce(Activations.pending("a").application("shop"));

      Delivered task = workers.take();

      assertThat(id(task)).isEqualTo("a");
      assertThat(broker.report(task, Conclusion.COMPLETE)).isTrue();
    }
  }

  @Test
  @DisplayName("8.1 push: workers that are away are called again")
  void workersThatRefuse_areCalledAgain() {
    InMemoryWorkers workers = InMemoryWorkers.of("shop");
    workers.answer("shop", new Answer.Refused("away"));
    try (BrokerFixture broker = BrokerFixture.builder().workers(workers).start()) {
      broker.produce(Activations.pending("a").application("shop"));
      broker.await("a standstill", () -> !broker.broker().stalls().current().isEmpty());

      workers.answer("shop", new Answer.Accepted());
      broker.time().advance(Duration.ofMinutes(1)); // past the back-off

      assertThat(id(workers.take())).isEqualTo("a");
    }
  }

  @Test
  void whatIsPlanted_isHandedOut_andWaitsForNoCommit() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      var nowhere = new Partition("", 0);

      broker.broker().plant(List.of(Activations.pending("a").at(nowhere, 0).arriving()));

      Delivered task = broker.take();
      assertThat(id(task)).isEqualTo("a");
      assertThat(broker.report(task, Conclusion.COMPLETE)).isTrue();
      broker.await(
          "its row to be gone",
          () -> {
            Depths depths = broker.broker().vitals().depths();
            return depths.unfinished() == 0 && depths.finished() == 0;
          });
    }
  }

  @Test
  void aKillSwitch_dropsWhatIsStoredAndWhatComes() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      broker.rules().set(new Rules(new KillSwitch(Set.of("bad"), List.of()), Demotion.NONE));

      broker.produce(Activations.pending("a").taskname("bad"), Activations.pending("b"));

      assertThat(id(broker.take())).isEqualTo("b");
      assertThat(broker.next()).isEmpty();
    }
  }

  @Test
  @DisplayName("Ours: a kill switch reaches a task that was read before it and held for a minute")
  void aKillSwitch_reachesWhatWasOnItsWayIn() {
    CrampedJournal journal = new CrampedJournal();
    RecordedMetrics metrics = new RecordedMetrics();
    try (BrokerFixture broker =
        BrokerFixture.builder().journal(() -> journal).metrics(metrics.all()).start()) {
      journal.leave(Room.FOR_CHANGES_ONLY);
      broker.produce(Activations.pending("a").taskname("bad"));
      broker.await("a standstill", () -> !broker.broker().stalls().current().isEmpty());
      broker.rules().set(new Rules(new KillSwitch(Set.of("bad"), List.of()), Demotion.NONE));
      broker.await("the first look", () -> metrics.count(RulesEvent.Killed.class) == 1);
      broker.time().advance(Duration.ofMinutes(1));

      journal.leave(Room.ENOUGH);

      broker.await("it to be stored", () -> broker.broker().vitals().depths().pending() == 1);
      assertThat(broker.next()).isEmpty();
      assertThat(broker.broker().vitals().depths().unfinished()).isZero();
    }
  }

  @Test
  @DisplayName("19.26, ours: the demoted one leaves through the outbox, the other one stays")
  void aDemotedNamespace_leaves() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      broker.rules().set(new Rules(KillSwitch.OFF, new Demotion(Set.of("slow"), null, null)));

      broker.produce(Activations.pending("a").namespace("slow"), Activations.pending("b"));

      broker.await("it to leave", () -> !broker.tasksIn(LONG_TOPIC).isEmpty());
      assertThat(broker.tasksIn(LONG_TOPIC)).extracting(PlainTask::id).containsExactly("a");
      assertThat(id(broker.take())).isEqualTo("b");
    }
  }

  @Test
  @DisplayName(
      "19.37, ours: what is stored already leaves too, and its row stays until Kafka has it")
  void aNamespaceThatIsDemotedLater_leavesTheStore() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      broker.publisher().refuse(LONG_TOPIC, "the topic is missing");
      broker.produce(Activations.pending("a").namespace("slow"));
      broker.await("it to be stored", () -> broker.lastPass().depths().pending() == 1);

      broker.rules().set(new Rules(KillSwitch.OFF, new Demotion(Set.of("slow"), null, null)));
      broker.await("a standstill", () -> !broker.broker().stalls().current().isEmpty());
      assertThat(broker.lastPass().depths().unfinished()).isEqualTo(1);
      broker.publisher().accept(LONG_TOPIC);
      broker.time().advance(Duration.ofMinutes(1)); // past the back-off

      broker.await("it to be gone", () -> broker.lastPass().depths().unfinished() == 0);
      assertThat(broker.tasksIn(LONG_TOPIC)).extracting(PlainTask::id).contains("a");
    }
  }

  @Test
  void aStandstill_endsWithTheRuleThatLedThere() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      broker.publisher().refuse(LONG_TOPIC, "the topic is missing");
      broker.rules().set(new Rules(KillSwitch.OFF, new Demotion(Set.of("slow"), null, null)));
      broker.produce(Activations.pending("a").namespace("slow"));
      broker.await("a standstill", () -> !broker.broker().stalls().current().isEmpty());

      broker.rules().set(new Rules(KillSwitch.OFF, new Demotion(Set.of("slow"), "other", null)));
      broker.time().advance(Duration.ofMinutes(1)); // past the back-off

      broker.await("it to leave", () -> !broker.tasksIn("other").isEmpty());
      broker.await("no standstill", () -> broker.broker().stalls().current().isEmpty());
    }
  }
}
