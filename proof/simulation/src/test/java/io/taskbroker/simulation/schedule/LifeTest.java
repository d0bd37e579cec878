package io.taskbroker.simulation.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LifeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> said = new ArrayList<>();
  private final List<Throwable> thrown = new ArrayList<>();
  private final Scheduler scheduler = new Scheduler(1);
  private final Life life = scheduler.life("broker", (_, what) -> thrown.add(what));

  private void runAll() {
    while (scheduler.step()) {
      // until nothing happens any more
    }
  }

  @Test
  void jobsTakeTurns_inAnOrderThatTheSeedGives() {
    Set<List<String>> orders = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      orders.add(orderOf(seed));
      assertThat(orderOf(seed)).isEqualTo(orderOf(seed));
    }
    assertThat(orders).hasSizeGreaterThan(10);
  }

  private static List<String> orderOf(long seed) {
    List<String> order = new ArrayList<>();
    Scheduler own = new Scheduler(seed);
    Life one = own.life("broker", (_, _) -> {});
    for (String name : List.of("a", "b", "c")) {
      one.run(
          name,
          () -> {
            order.add(name);
            one.sleep(Duration.ofNanos(1));
            order.add(name + " again");
          });
    }
    while (own.step()) {
      // until nothing happens any more
    }
    return order;
  }

  @Test
  void timeJumps_whenNobodyCanRun() {
    life.run("sleeper", () -> life.sleep(Duration.ofDays(3)));

    runAll();

    assertThat(Duration.ofNanos(scheduler.nanos())).isGreaterThanOrEqualTo(Duration.ofDays(3));
    assertThat(scheduler.steps()).isLessThan(10);
  }

  @Test
  void aSignal_wakesWhoWaits_andIsRememberedForWhoComesLate() {
    Signal signal = life.signal();
    life.run(
        "waiting",
        () -> {
          signal.await();
          said.add("woken at " + Duration.ofNanos(scheduler.nanos()).toSeconds());
          said.add(signal.await(SECOND) ? "raised" : "not raised");
          life.sleep(SECOND);
          said.add(signal.await(Duration.ZERO) ? "raised" : "not raised");
        });
    scheduler.after(Duration.ofSeconds(5), signal::raise);
    scheduler.after(Duration.ofMillis(6_500), signal::raise);

    runAll();

    assertThat(said).containsExactly("woken at 5", "not raised", "raised");
  }

  @Test
  void aStage_isAwaited() {
    CompletableFuture<String> stage = new CompletableFuture<>();
    life.run("waiting", () -> said.add(life.await(stage)));
    scheduler.after(SECOND, () -> stage.complete("done"));

    runAll();

    assertThat(said).containsExactly("done");
  }

  @Test
  void theEndOfAJob_isAwaited() {
    Job job = life.job("long", Kind.PLATFORM, () -> life.sleep(Duration.ofSeconds(3))).start();
    life.run(
        "waiting",
        () -> {
          said.add(job.awaitEnd(SECOND) ? "over" : "not over");
          job.awaitEnd();
          said.add("over at " + Duration.ofNanos(scheduler.nanos()).toSeconds());
        });

    runAll();

    assertThat(said).containsExactly("not over", "over at 3");
  }

  @Test
  void whenALifeEnds_itsJobsStopWhereTheyAre() {
    life.run(
        "worker",
        () -> {
          said.add("begun");
          life.sleep(SECOND);
          said.add("never");
        });
    scheduler.after(Duration.ofMillis(500), life::end);

    runAll();

    assertThat(said).containsExactly("begun");
  }

  @Test
  void aFrozenLife_goesOnLater() {
    life.run(
        "worker",
        () -> {
          life.sleep(SECOND);
          said.add("at " + Duration.ofNanos(scheduler.nanos()).toSeconds());
        });
    scheduler.after(Duration.ofMillis(500), () -> life.freeze(Duration.ofSeconds(4)));

    runAll();

    assertThat(said).containsExactly("at 4");
  }

  /** The JVM cannot leave a class initializer in the middle. */
  private static final class Initializer {
    private static final List<Life> LIVES = new ArrayList<>();

    private static final class Waits {
      static {
        LIVES.getFirst().sleep(SECOND);
      }

      static void touch() {}
    }
  }

  @Test
  void aWaitThatCannotBeLeft_isAnError_whichNamesTheJobAndThePlace() {
    Initializer.LIVES.add(life);
    life.run("initializer", Initializer.Waits::touch);

    runAll();

    assertThat(thrown).hasSize(1);
    assertThat(thrown.getFirst())
        .rootCause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("job 'initializer' waits where it cannot be left");
    assertThat(thrown.getFirst()).hasStackTraceContaining("LifeTest$Initializer$Waits");
  }

  @Test
  void twoWhoWaitForOneSignal_areAnError() {
    Signal signal = life.signal();
    life.run("one", signal::await);
    life.run("other", signal::await);

    runAll();

    assertThat(thrown).hasSize(1);
    assertThat(thrown.getFirst()).hasMessageContaining("two jobs wait for one signal");
  }
}
