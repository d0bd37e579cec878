package io.taskbroker.simulation.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.simulation.Simulate;
import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import io.taskbroker.simulation.world.Violation;
import io.taskbroker.simulation.world.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SimulationTest {
  private static final Setup QUIET = new Setup(1, 1, 2, 2, false, false, 64, 100);

  private static TaskSpec task(String root, boolean atMostOnce) {
    return new TaskSpec(root, "shop", "fast", "mail", atMostOnce, false, 0, 0, 2, 0);
  }

  private static Event produce(long atMs, TaskSpec spec) {
    return new Event(atMs, "produce " + spec, world -> world.produce(spec));
  }

  @Test
  @Timeout(3_600)
  void twoThousandSeedsHold() {
    Seeds.Outcome outcome =
        Seeds.play(
            Simulation::plan,
            1,
            2_000,
            Duration.ofHours(1),
            Runtime.getRuntime().availableProcessors());

    assertThat(outcome.played()).isEqualTo(2_000);
    assertThat(outcome.failures())
        .as(() -> outcome.failures().stream().limit(1).map(SimulationTest::explained).toList() + "")
        .isEmpty();
  }

  @Test
  @Timeout(3_600)
  void fiveHundredSeedsOfBrokersThatShareTheirRowsHold() {
    Seeds.Outcome outcome =
        Seeds.play(
            Simulation::planShared,
            1,
            500,
            Duration.ofHours(1),
            Runtime.getRuntime().availableProcessors());

    assertThat(outcome.played()).isEqualTo(500);
    assertThat(outcome.failures())
        .as(
            () ->
                outcome.failures().stream()
                        .limit(1)
                        .map(failure -> explained(Simulation.planShared(failure.seed())))
                        .toList()
                    + "")
        .isEmpty();
  }

  private static String explained(Plan plan) {
    return Simulation.explain(plan).orElse("it holds when it is played again");
  }

  private static String explained(Seeds.Failure failure) {
    return Simulation.explain(failure.seed()).orElse("it holds when it is played again");
  }

  @Test
  void theSameSeed_hasTheSameHistory_toTheByte() {
    for (long seed = 1; seed <= 20; seed++) {
      Plan plan = Simulation.plan(seed);

      Play.Result first = Play.of(plan, true);
      Play.Result again = Play.of(Simulation.plan(seed), true);

      assertThat(again).isEqualTo(first);
      assertThat(first.history()).isNotEmpty();
      assertThat(Play.of(plan, false).fingerprint()).isEqualTo(first.fingerprint());
    }
  }

  @Test
  void theSameSeedOfBrokersThatShareTheirRows_hasTheSameHistory() {
    for (long seed = 1; seed <= 10; seed++) {
      Play.Result first = Play.of(Simulation.planShared(seed), true);

      assertThat(Play.of(Simulation.planShared(seed), true)).isEqualTo(first);
      assertThat(first.history()).isNotEmpty();
    }
  }

  /** Some orders of the JVM's own collections differ from process to process. */
  @Test
  @Timeout(600)
  void anotherProcess_playsTheSameHistory() throws Exception {
    for (long seed = 31; seed <= 33; seed++) {
      assertThat(historyOfAnotherProcess(seed))
          .isEqualTo(Simulation.describe(Simulation.plan(seed)));
    }
  }

  private static String historyOfAnotherProcess(long seed)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports",
                "java.base/jdk.internal.vm=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Simulate.class.getName(),
                "--history",
                Long.toString(seed))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String history = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return history;
  }

  @Test
  void aQuietWorld_endsEveryTask() {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      events.add(produce(100, task("t" + i, i % 2 == 0)));
    }

    assertThat(Play.of(new Plan(7, QUIET, events), false).violation()).isEmpty();
  }

  /** A producer who sends an at-most-once task twice: the broker cannot help that it runs twice. */
  @Test
  void aFailure_isShrunkToWhatItNeeds_andCanBeRead() {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      events.add(produce(100 + i, task("t" + i, false)));
    }
    events.add(new Event(300, "stop broker-1", world -> world.stop(0)));
    events.add(produce(2_500, task("twin", true)));
    events.add(produce(4_000, task("twin", true)));
    Plan plan = firstThatFails(events);

    Violation violation = Play.of(plan, false).violation().orElseThrow();
    Plan shrunk = Shrinker.shrink(plan, violation);

    assertThat(violation.kind()).isEqualTo(Violation.Kind.RUN_TWICE);
    assertThat(shrunk.events()).hasSizeBetween(2, 3); // of 23
    assertThat(shrunk.events()).filteredOn(event -> event.text().contains("twin")).hasSize(2);
    assertThat(Simulation.describe(shrunk))
        .contains("kafka      tasks[", "is twin", "hands out twin", "VIOLATION  RUN_TWICE");
  }

  /** Whether a worker lives to the end of a task is luck, too. */
  private static Plan firstThatFails(List<Event> events) {
    return LongStream.range(1, 100)
        .mapToObj(seed -> new Plan(seed, QUIET, events))
        .filter(plan -> Play.of(plan, false).violation().isPresent())
        .findFirst()
        .orElseThrow();
  }

  /** What was committed is lost by the disk: the ledger notices. */
  @Test
  void aDiskThatForgetsWhatItSynced_isNoticed() {
    List<Event> events =
        List.of(
            new Event(0, "no worker", world -> world.workersGoAway(Duration.ofSeconds(5))),
            produce(100, task("t1", false)),
            new Event(2_000, "the file is gone", World::loseFiles));

    assertThat(Play.of(new Plan(3, QUIET, events), false).violation())
        .hasValueSatisfying(found -> assertThat(found.kind()).isEqualTo(Violation.Kind.LOST));
  }
}
