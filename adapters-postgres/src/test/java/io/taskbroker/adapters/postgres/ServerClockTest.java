package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerClockTest {
  private final ServerClock clock = new ServerClock();

  @Test
  void aServerThatIsAheadIsToldLaterTimes() {
    clock.measured(100_000, 39_000, 41_000);

    assertThat(clock.aheadMs()).isEqualTo(60_000);
    assertThat(clock.toServer(1_000)).isEqualTo(61_000);
    assertThat(clock.fromServer(61_000)).isEqualTo(1_000);
  }

  @Test
  void whatMayComeFromMeasuringIsLeftOut() {
    clock.measured(ServerClock.TOLERANCE_MS - 1, 0, 0);

    assertThat(clock.toServer(1_000)).isEqualTo(1_000);
    assertThat(clock.aheadMs()).isEqualTo(ServerClock.TOLERANCE_MS - 1);
  }

  @Test
  void theEndsOfTimeAreNotShifted() {
    clock.measured(10_000, 0, 0);

    assertThat(clock.toServer(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(clock.fromServer(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
    assertThat(clock.toServer(Long.MAX_VALUE - 1)).isEqualTo(Long.MAX_VALUE);
    assertThat(clock.fromServer(Long.MIN_VALUE + 1)).isEqualTo(Long.MIN_VALUE);
  }
}
