package io.taskbroker.workload.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FairClockTest {
  @Test
  void timeInWhichTheMachineStands_countsAsAMoment() {
    FairClock clock = FairClock.start();
    clock.close();
    long before = clock.elapsed().toNanos();

    clock.count(Duration.ofSeconds(10).toNanos());

    // the clock may end with one tick more
    assertThat(clock.elapsed().toNanos() - before).isBetween(30_000_000L, 60_000_000L);
  }

  @Test
  void itGoesByItself() {
    long began = System.nanoTime();
    try (FairClock clock = FairClock.start()) {
      clock.awaitElapsed(Duration.ofMillis(200));

      assertThat(System.nanoTime() - began).isGreaterThan(150_000_000L);
    }
  }
}
