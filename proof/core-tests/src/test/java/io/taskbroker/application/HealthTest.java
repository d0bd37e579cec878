package io.taskbroker.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthTest {
  private final SettableTime time = new SettableTime();
  private final Health health = new Health(new HealthSettings(Duration.ofSeconds(5), false));

  private Heartbeat heartbeat(String name) {
    return new Heartbeat(name, time, Duration.ofSeconds(1));
  }

  @Test
  void aThreadThatTasksCanDoWithout_isMissedAndLeavesTheBrokerHealthy() {
    Heartbeat needed = health.watch(heartbeat("needed"));
    Heartbeat dispensable = health.remark(heartbeat("dispensable"));
    time.advance(Duration.ofSeconds(10));
    needed.beat();

    assertThat(health.overdue(Duration.ofSeconds(5))).containsExactly(dispensable);
    assertThat(health.whyNot()).isEmpty();
  }

  @Test
  void aThreadThatIsNeeded_isMissedAndMakesTheBrokerUnhealthy() {
    Heartbeat needed = health.watch(heartbeat("needed"));
    time.advance(Duration.ofSeconds(10));

    assertThat(health.overdue(Duration.ofSeconds(5))).containsExactly(needed);
    assertThat(health.whyNot()).contains("loop needed has not come back for 9.0 s");
  }

  @Test
  void aNotice_isTold_andEndsReadinessOnlyIfItSaysSo_alsoWithTheWatchdogOff() {
    for (boolean isOff : new boolean[] {false, true}) {
      Health told = new Health(new HealthSettings(Duration.ofSeconds(5), isOff));
      AtomicReference<Health.Notice> notice =
          new AtomicReference<>(new Health.Notice("draining", true));
      told.notices(() -> Optional.of(notice.get()));
      assertThat(told.whyNotReady()).isEmpty();
      assertThat(told.readyWords()).contains("draining");

      notice.set(new Health.Notice("drained", false));
      assertThat(told.whyNotReady()).contains("drained");
      assertThat(told.isServing()).isTrue();

      told.drain();
      assertThat(told.whyNotReady()).contains("the broker is stopping");
    }
  }
}
