package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How fast tasks went in the last minutes. */
class PacesTest {
  private static final TaskNames OFTEN = new TaskNames("shop", "orders", "often");

  private final SettableTime time = new SettableTime();
  private final List<EndedTask> ended = new ArrayList<>();
  private final Paces paces =
      new Paces(this::take, new ModelStore(new EngineSettings(Duration.ZERO, 0), time), time);

  private List<EndedTask> take() {
    List<EndedTask> taken = List.copyOf(ended);
    ended.clear();
    return taken;
  }

  /** A task that is over now, after it has waited and run for so long. */
  private void end(String taskname, Ending ending, long waitedMs, long ranMs) {
    long nowMs = time.now().wallMs();
    ended.add(
        new EndedTask(
            1,
            pending("a").taskname(taskname).receivedAt(nowMs - ranMs - waitedMs).build(),
            ending,
            0,
            nowMs - ranMs,
            nowMs,
            null,
            null));
  }

  private Optional<Pace> pace(TaskNames names) {
    return paces.report(1_000).tasks().stream()
        .filter(pace -> pace.names().equals(names))
        .findFirst();
  }

  @Test
  void percentiles_areThoseOfTheTasks_toSixPercent() {
    var random = new Random(7);
    long[] runs = random.longs(2_000, 1, 120_000).toArray();
    for (long run : runs) {
      end("often", Ending.COMPLETED, run / 10, run);
    }
    Arrays.sort(runs);

    Pace pace = pace(OFTEN).orElseThrow();

    assertThat(pace.ended()).isEqualTo(2_000);
    assertThat((double) pace.runs().p50Ms())
        .isCloseTo((double) runs[999], within(runs[999] * 0.07));
    assertThat((double) pace.runs().p99Ms())
        .isCloseTo((double) runs[1979], within(runs[1979] * 0.07));
    assertThat((double) pace.waits().p99Ms())
        .isCloseTo(runs[1979] / 10d, within(runs[1979] * 0.007));
  }

  @Test
  void shortDurations_areExact() {
    for (int ms = 0; ms < 16; ms++) {
      end("often", Ending.COMPLETED, 0, ms);
    }

    assertThat(pace(OFTEN).orElseThrow().runs()).isEqualTo(new Spread(16, 7, 15));
  }

  @Test
  void whatHasFailed_isCounted_andTellsNoRunTime() {
    end("often", Ending.COMPLETED, 5, 10);
    end("often", Ending.DEAD_LETTERED, 5, 9_000);
    end("often", Ending.RETRIED, 5, 9_000);

    Pace pace = pace(OFTEN).orElseThrow();

    assertThat(pace.ended()).isEqualTo(3);
    assertThat(pace.failed()).isEqualTo(1);
    assertThat(pace.runs().times()).isEqualTo(1);
    assertThat(pace.waits().times()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aNameThatComesOften_findsRoom_howeverManyOthersCameBefore(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      end("random-" + random.nextLong(), Ending.COMPLETED, 1, 1);
    }
    paces.look();
    for (int second = 0; second < 20; second++) {
      for (int i = 0; i < 300; i++) {
        end(i % 100 == 0 ? "often" : "random-" + random.nextLong(), Ending.COMPLETED, 1, 40);
      }
      paces.look();
      time.advance(Duration.ofSeconds(1));
    }

    Paces.Report report = paces.report(1_000);

    assertThat(report.tasks().getFirst().names()).as("seed %d", seed).isEqualTo(OFTEN);
    assertThat(report.tasks().getFirst().ended()).isGreaterThan(20);
    assertThat(report.tasks()).hasSizeLessThanOrEqualTo(Paces.MOST_NAMES);
    assertThat(report.tasks().stream().mapToLong(Pace::ended).sum() + report.others())
        .isEqualTo(11_000);
  }

  @Test
  void whatIsLongerAgoThanFiveMinutes_isForgotten() {
    end("often", Ending.COMPLETED, 1, 1);
    paces.look();
    for (int minute = 0; minute < 6; minute++) {
      time.advance(Duration.ofSeconds(61));
      paces.look();
    }

    assertThat(pace(OFTEN)).isEmpty();
    assertThat(paces.report(10).over()).isLessThanOrEqualTo(Duration.ofMinutes(6));
  }

  @Test
  void onlyTheFirstAreTold_andTheOthersCounted() {
    end("often", Ending.COMPLETED, 1, 1);
    end("often", Ending.COMPLETED, 1, 1);
    end("seldom", Ending.COMPLETED, 1, 1);

    Paces.Report report = paces.report(1);

    assertThat(report.tasks()).extracting(Pace::names).containsExactly(OFTEN);
    assertThat(report.others()).isEqualTo(1);
  }

  @Test
  void aBroker_tellsHowLongItsTasksWaitedAndRan_andWhenItsApplicationsAreDone() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      Paces its = broker.broker().paces();
      its.look();
      for (int i = 0; i < 10; i++) {
        broker.produce(task(broker, "a" + i));
      }
      broker.await("the tasks", () -> broker.broker().vitals().depths().pending() == 10);
      broker.time().advance(Duration.ofSeconds(10));
      its.look();
      for (int i = 0; i < 4; i++) {
        long done = i + 1L;
        Delivered task = broker.take();
        broker.time().advance(Duration.ofSeconds(2));
        broker.report(task, Conclusion.COMPLETE);
        broker.await("its end", () -> endedIn(its) == done);
        broker.time().advance(Duration.ofSeconds(3));
        its.look();
      }

      Paces.Report report = its.report(10);

      assertThat(report.tasks())
          .singleElement()
          .satisfies(
              pace -> {
                assertThat(pace.ended()).isEqualTo(4);
                assertThat((double) pace.waits().p99Ms()).isCloseTo(25_000, within(1_600d));
                assertThat((double) pace.runs().p50Ms()).isCloseTo(2_000, within(140d));
              });
      assertThat(report.applications())
          .containsExactly(new ApplicationFlow("shop", 6, 10 / 30d, 4 / 30d));
    }
  }

  private static long endedIn(Paces paces) {
    return paces.report(10).tasks().stream().mapToLong(Pace::ended).sum();
  }

  private static Activations task(BrokerFixture broker, String id) {
    return pending(id).receivedAt(broker.time().now().wallMs());
  }

  @Test
  void theTimeToDrain_isWhatWaitsOverWhatItShrinksBy() {
    assertThat(new ApplicationFlow("a", 100, 1, 11).drain()).contains(Duration.ofSeconds(10));
    assertThat(new ApplicationFlow("a", 0, 1, 1).drain()).contains(Duration.ZERO);
    assertThat(new ApplicationFlow("a", 100, 1, 1).drain()).isEmpty();
    assertThat(new ApplicationFlow("a", 100, 2, 1).drain()).isEmpty();
  }
}
