package io.taskbroker.testkit.broker;

import static io.taskbroker.testkit.broker.BrokerFixture.DEAD_LETTERS;
import static io.taskbroker.testkit.broker.BrokerFixture.TOPIC;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BrokerFixtureTest {
  private static final long NOON = SettableTime.START.wallMs();

  private final BrokerFixture broker = BrokerFixture.start();

  @AfterEach
  void close() {
    broker.close();
  }

  private static String id(Delivered task) {
    return task.claim().activation().id();
  }

  private void awaitNothingUnfinished() {
    broker.await("everything to be finished", () -> broker.lastPass().depths().unfinished() == 0);
  }

  @Test
  void aTask_goesFromItsTopicToAWorker() {
    broker.produce(Activations.pending("a"));

    assertThat(broker.report(broker.take(), Conclusion.COMPLETE)).isTrue();
    assertThat(broker.next()).isEmpty();
  }

  @Test
  void manyTasks_comeOnceEach() {
    broker.produce(
        IntStream.range(0, 1_000)
            .mapToObj(i -> Activations.pending("a" + i))
            .toArray(Activations[]::new));

    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Delivered task = broker.take();
      taken.add(id(task));
      broker.report(task, Conclusion.COMPLETE);
    }

    assertThat(taken).doesNotHaveDuplicates();
    awaitNothingUnfinished();
  }

  @Test
  @DisplayName("19.35: a retry is another task, with an attempt more")
  void aRetry_comesBackThroughItsTopicAsAnotherTask() {
    broker.produce(Activations.pending("a").taskname("send"));
    broker.report(broker.take(), Conclusion.RETRY, new RetryOverride(5, null));

    Delivered retry = broker.take();

    PlainTask task = PlainTask.decode(retry.payload()).orElseThrow();
    assertThat(task.id()).isNotEqualTo("a");
    assertThat(task.taskname()).isEqualTo("send");
    assertThat(task.attempts()).isEqualTo(1);
    assertThat(task.maxAttempts()).isEqualTo(5);
    assertThat(broker.tasksIn(TOPIC)).hasSize(2);
  }

  @Test
  @DisplayName("19.35: a retry is delayed as the report says")
  void aDelayedRetry_waits() {
    broker.produce(Activations.pending("a"));
    broker.report(broker.take(), Conclusion.RETRY, new RetryOverride(null, 60L));
    broker.await("the retry to be delayed", () -> broker.lastPass().depths().delayed() == 1);
    assertThat(broker.next()).isEmpty();

    broker.time().advance(Duration.ofSeconds(61));

    assertThat(broker.take().claim().attempts()).isZero();
  }

  @Test
  @DisplayName("19.36, ours: a dead letter keeps its id, and its row until Kafka has it")
  void aDeadLetter_staysUntilItsTopicTakesIt() {
    broker.publisher().refuse(DEAD_LETTERS, "the topic is missing");
    broker.produce(Activations.pending("a").deadLettered());
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("a standstill", () -> !broker.broker().stalls().current().isEmpty());
    assertThat(broker.lastPass().depths().unfinished()).isEqualTo(1);

    broker.publisher().accept(DEAD_LETTERS);
    broker.time().advance(Duration.ofSeconds(10)); // past the relay's back-off

    broker.await("the dead letter", () -> !broker.tasksIn(DEAD_LETTERS).isEmpty());
    assertThat(broker.tasksIn(DEAD_LETTERS)).extracting(PlainTask::id).containsExactly("a");
    awaitNothingUnfinished();
  }

  @Test
  void whatIsTooLarge_isParked() {
    broker.publisher().limitRecords(50);
    broker.produce(Activations.pending("a").deadLettered().payload(new byte[200]));
    broker.report(broker.take(), Conclusion.FAILURE);

    broker.await("it to be parked", () -> broker.lastPass().depths().parked() == 1);
    assertThat(broker.lastPass().depths().outbox()).isZero();
  }

  @Test
  void aBadRecord_leavesWithItsReason() {
    broker.topics().append(TOPIC, null, "no task".getBytes(UTF_8), List.of());
    broker.topics().append(TOPIC, null, null, List.of());
    broker.produce(Activations.pending("good"));

    assertThat(id(broker.take())).isEqualTo("good");
    broker.await("both to leave", () -> broker.topics().records(DEAD_LETTERS).size() == 2);
    for (SourceRecord record : broker.topics().records(DEAD_LETTERS)) {
      assertThat(record.headers()).extracting(Header::name).contains(DeadLetterHeaders.REASON);
    }
  }

  @Test
  @DisplayName("8.1 killed worker: all that it had taken runs again, each task once")
  void aKilledWorker_losesAllItHadToAnother() {
    for (String id : List.of("a", "b", "c", "d", "e")) {
      broker.produce(Activations.pending(id));
      broker.take();
    }
    assertThat(broker.next()).isEmpty();

    broker.time().advance(Duration.ofSeconds(14));

    List<Delivered> again = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      again.add(broker.take());
    }
    assertThat(again)
        .allMatch(task -> task.claim().attempts() == 1)
        .extracting(BrokerFixtureTest::id)
        .containsExactlyInAnyOrder("a", "b", "c", "d", "e");
    again.forEach(task -> broker.report(task, Conclusion.COMPLETE));
    broker.time().advance(Duration.ofSeconds(14));
    awaitNothingUnfinished();
    assertThat(broker.next()).isEmpty();
  }

  @Test
  @DisplayName("8.1 killed worker: one that was silent only may still report")
  void aWorkerThatFallsSilent_losesItsTaskToAnother() {
    broker.produce(Activations.pending("a"));
    Delivered first = broker.take();

    broker.time().advance(Duration.ofSeconds(14));

    Delivered second = broker.take();
    assertThat(id(second)).isEqualTo("a");
    assertThat(second.claim().attempts()).isEqualTo(1);
    assertThat(broker.report(first, Conclusion.COMPLETE)).isTrue(); // late, and good
  }

  @Test
  void aDelay_isOverWhenTheClockSaysSo() {
    broker.produce(Activations.delayed("a", NOON + 5_000));
    broker.await("it to be stored", () -> broker.lastPass().depths().delayed() == 1);
    assertThat(broker.next()).isEmpty();

    broker.time().advance(Duration.ofMillis(5_001));

    assertThat(id(broker.take())).isEqualTo("a");
  }

  @Test
  void aRestart_keepsWhatWasStoredAndWhatWasReported() {
    broker.produce(Activations.pending("a"), Activations.pending("b"));
    String done = id(broker.take());
    broker.report(broker.next().orElseGet(broker::take), Conclusion.COMPLETE);

    broker.restart();

    broker.time().advance(Duration.ofSeconds(14));
    assertThat(id(broker.take())).isEqualTo(done); // its worker was silent
    assertThat(broker.next()).isEmpty();
  }

  @Test
  void aCrashBeforeTheCommit_bringsNoFinishedTaskBack() {
    broker.stopCommitting();
    broker.produce(Activations.pending("a"));
    broker.report(broker.take(), Conclusion.COMPLETE);

    broker.crash();

    broker.produce(Activations.pending("b"));
    assertThat(id(broker.take())).isEqualTo("b");
    assertThat(broker.next()).isEmpty();
    awaitFinished(1);
  }

  private void awaitFinished(int rows) {
    broker.await("finished rows", () -> broker.lastPass().depths().finished() <= rows);
  }

  @Test
  void anAtMostOnceTask_isNotHandedOutBeforeItsCommit() {
    broker.stopCommitting();
    broker.produce(Activations.pending("once").atMostOnce());
    broker.await("it to be stored", () -> broker.lastPass().depths().uncommitted() == 1);
    assertThat(broker.next()).isEmpty();

    broker.losePartitions(); // its record comes again, and is committed this time
    broker.crash();

    assertThat(id(broker.take())).isEqualTo("once");
  }

  @Test
  void aRebalance_losesNothingAndRepeatsNothing() {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      broker.produce(Activations.pending("a" + i), Activations.pending("b" + i));
      broker.rebalance();
      taken.add(id(broker.take()));
      taken.add(id(broker.take()));
    }

    assertThat(taken).hasSize(40).doesNotHaveDuplicates();
    assertThat(broker.next()).isEmpty();
  }
}
