package io.taskbroker.application.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Applications whose tasks wait while no worker asks for them. */
class AbsentWorkersTest {
  private final Stalls stalls = new Stalls(new SettableTime());
  private final AbsentWorkers absent = new AbsentWorkers(stalls, Set.of("pushed"));

  private static ApplicationDepth unasked(String application, int pending) {
    return new ApplicationDepth(application, pending, Optional.empty(), Optional.empty(), false);
  }

  private static ApplicationDepth asked(String application, int pending) {
    return new ApplicationDepth(
        application, pending, Optional.empty(), Optional.of(Duration.ofSeconds(1)), true);
  }

  private void look(ApplicationDepth... depths) {
    absent.look(List.of(depths), List.of());
  }

  @Test
  void anApplicationThatNobodyAsksFor_isNamed_untilSomebodyDoes() {
    look(unasked("shop", 3), asked("bank", 9));
    assertThat(stalls.standing()).isEmpty(); // its workers may come in a moment

    look(unasked("shop", 4), asked("bank", 9));

    assertThat(stalls.standing())
        .singleElement()
        .satisfies(
            stall -> {
              assertThat(stall.what()).isEqualTo("Application 'shop'");
              assertThat(stall.reason())
                  .isEqualTo(
                      "4 tasks wait, and no worker has asked for that since the broker started");
              assertThat(stall.remedy()).startsWith("Start a worker");
            });

    look(asked("shop", 4));
    assertThat(stalls.standing()).isEmpty();
  }

  @Test
  void workersThatWentAway_areNamed_withHowLongAgo() {
    var left =
        new ApplicationDepth(
            "shop", 1, Optional.empty(), Optional.of(Duration.ofMinutes(2)), false);
    look(left);
    look(left);

    assertThat(stalls.current().get("Application 'shop'"))
        .isEqualTo("1 task waits, and no worker has asked for that for 2 min 0 s");
    look(unasked("shop", 0));
    assertThat(stalls.standing()).isEmpty();
  }

  @Test
  void anApplicationWhoseWorkersAreCalled_isLeftToPushing() {
    look(unasked("pushed", 3));
    look(unasked("pushed", 3));

    assertThat(stalls.standing()).isEmpty();
  }

  @Test
  void namesThatOthersChoose_areNamedInPart_thoseFirstOfWhichMostWaits() {
    ApplicationDepth[] many =
        IntStream.rangeClosed(1, 100)
            .mapToObj(i -> unasked("app-" + i, i))
            .toArray(ApplicationDepth[]::new);
    look(many);
    look(many);

    assertThat(stalls.standing()).hasSize(AbsentWorkers.MOST_NAMED);
    assertThat(stalls.current()).containsKeys("Application 'app-100'", "Application 'app-81'");
  }

  private static Pause pauseOf(PauseTarget target) {
    return new Pause(target, "ann", "deploy", 0, null);
  }

  @Test
  void anApplicationThatIsPaused_isNotNamed_butOneThatIsPausedInPartIs() {
    var pauses =
        List.of(
            pauseOf(PauseTarget.ofApplication("shop")),
            pauseOf(new PauseTarget("bank", "transfers", null, null)));
    for (int look = 0; look < 3; look++) {
      absent.look(List.of(unasked("shop", 3), unasked("bank", 1)), pauses);
    }

    assertThat(stalls.current()).containsOnlyKeys("Application 'bank'");
  }

  @Test
  void theLog_saysWhyAnApplicationStandsStillNoLonger() {
    try (var log = new CapturedLog("taskbroker::stalls")) {
      ApplicationDepth[] waiting = {unasked("asked", 3), unasked("paused", 2), unasked("over", 1)};
      look(waiting);
      look(waiting);
      assertThat(stalls.standing()).hasSize(3);
      int said = log.lines().size();

      absent.look(
          List.of(asked("asked", 2), unasked("paused", 2)),
          List.of(pauseOf(PauseTarget.ofApplication("paused"))));

      assertThat(stalls.standing()).isEmpty();
      assertThat(log.lines().subList(said, log.lines().size()))
          .satisfiesExactlyInAnyOrder(
              line -> assertThat(line).startsWith("Application 'asked' goes on after 0 ms"),
              line ->
                  assertThat(line).startsWith("Application 'paused' ends").endsWith("it is paused"),
              line ->
                  assertThat(line)
                      .startsWith("Application 'over' ends")
                      .endsWith("none of its tasks waits any more"));
    }
  }
}
