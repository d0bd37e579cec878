package io.taskbroker.application.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.journal.CrampedJournal;
import io.taskbroker.testkit.journal.CrampedJournal.Room;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class FullDiskTest {
  private final CrampedJournal journal = new CrampedJournal();
  private final BrokerFixture broker = BrokerFixture.builder().journal(() -> journal).start();

  @AfterEach
  void close() {
    journal.leave(Room.ENOUGH);
    broker.close();
  }

  @Test
  void withoutRoomForABatch_intakeIsHeld_andReportsAreTaken_andAllGoesOnByItself() {
    broker.produce(Activations.pending("early"));
    Delivered early = broker.take();
    journal.leave(Room.FOR_CHANGES_ONLY);
    broker.produce(Activations.pending("late"));
    broker.await("two standstills", () -> broker.broker().stalls().current().size() == 2);

    assertThat(broker.broker().stalls().current())
        .containsOnlyKeys("Intake of topic taskworker", "The store")
        .allSatisfy((_, reason) -> assertThat(reason).contains("the disk is full"));
    assertThat(broker.report(early, Conclusion.COMPLETE)).isTrue();
    assertThat(broker.broker().health().whyNot()).hasValue("the store cannot write");

    journal.leave(Room.ENOUGH);

    assertThat(broker.take().claim().activation().id()).isEqualTo("late");
    assertThat(broker.broker().health().isServing()).isTrue();
    broker.await("no standstill", () -> broker.broker().stalls().current().isEmpty());
  }

  @Test
  void aFullDisk_fillsNoLog() {
    try (var log = new CapturedLog(Logger.ROOT_LOGGER_NAME)) {
      broker.produce(
          IntStream.range(0, 50)
              .mapToObj(i -> Activations.pending("t" + i))
              .toArray(Activations[]::new));
      List<Delivered> tasks = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        tasks.add(broker.take());
      }
      broker.await("nothing is left to be written", journal::knowsCommits);
      journal.leave(Room.NONE);
      tasks.subList(0, 20).forEach(task -> broker.broker().dispatch().undelivered(task.claim()));
      for (int i = 0; i < 600; i++) { // ten minutes, in which everybody tries again and again
        Delivered task = tasks.get(i % 40);
        assertThatThrownBy(() -> broker.report(task, Conclusion.COMPLETE))
            .hasCauseInstanceOf(StoreException.Unavailable.class);
        broker.time().advance(Duration.ofSeconds(1));
      }

      Map<String, Long> byKind =
          log.lines().stream()
              .collect(Collectors.groupingBy(FullDiskTest::kind, Collectors.counting()));
      assertThat(byKind).allSatisfy((_, lines) -> assertThat(lines).isLessThanOrEqualTo(11));
      assertThat(log.stackTraces()).isZero();
    }
  }

  /** A line without its numbers. */
  private static String kind(String line) {
    return line.replaceAll("\\d+", "#");
  }

  @Test
  void withoutAnyRoom_whoeverAsksIsTold_andTheStoreFindsRoomThoughNobodyAsksAgain() {
    broker.produce(Activations.pending("a"));
    Delivered task = broker.take();
    broker.await("nothing is left to be written", journal::knowsCommits);
    journal.leave(Room.NONE);

    assertThatThrownBy(() -> broker.report(task, Conclusion.COMPLETE))
        .hasCauseInstanceOf(StoreException.Unavailable.class);
    assertThat(broker.broker().health().isServing()).isFalse();

    journal.leave(Room.ENOUGH);

    broker.await("the broker to be healthy", () -> broker.broker().health().isServing());
    assertThat(broker.report(task, Conclusion.COMPLETE)).isTrue();
  }

  @Test
  void aDiskThatIsFullAgainAndAgain_keepsWorkersAway_untilThereHasBeenRoomForTenSeconds() {
    broker.produce(Activations.pending("a"), Activations.pending("b"));
    List<Delivered> tasks = List.of(broker.take(), broker.take());
    broker.await("nothing is left to be written", journal::knowsCommits);
    for (Delivered task : tasks) {
      journal.leave(Room.NONE);
      assertThatThrownBy(() -> broker.report(task, Conclusion.COMPLETE))
          .hasCauseInstanceOf(StoreException.Unavailable.class);
      journal.leave(Room.ENOUGH);
      assertThat(broker.report(task, Conclusion.COMPLETE)).isTrue();
    }

    assertThat(broker.broker().health().whyNot()).hasValue("the store cannot write");
    assertThat(broker.broker().stalls().current()).containsKey("The store");
    broker.time().advance(Duration.ofSeconds(11));
    broker.await("the broker to be healthy", () -> broker.broker().health().isServing());
  }
}
