package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HostClockTest {
  private final SettableTime time = new SettableTime();
  private final HostClock clock = new HostClock(time);
  private int told;

  HostClockTest() {
    var _ = clock.whenSetBack(() -> told++);
  }

  @Test
  void aStepBackIsToldOnce_andEachFurtherOne() {
    time.stepWall(Duration.ofHours(-1));
    clock.look();
    clock.look();
    assertThat(told).isEqualTo(1);

    time.stepWall(Duration.ofSeconds(-2));
    clock.look();
    assertThat(told).isEqualTo(2);
  }

  @Test
  void timeThatPasses_aStepForward_andAClockThatIsSlewed_areNoMatter() {
    time.advance(Duration.ofHours(1));
    clock.look();
    time.stepWall(Duration.ofHours(1));
    clock.look();
    for (int i = 0; i < 100; i++) {
      time.stepWall(Duration.ofMillis(-500));
      clock.look();
    }

    assertThat(told).isZero();
  }

  @Test
  void whoHasEndedIsNotTold() {
    clock.whenSetBack(() -> told += 10).close();

    time.stepWall(Duration.ofHours(-1));
    clock.look();

    assertThat(told).isEqualTo(1);
  }
}
