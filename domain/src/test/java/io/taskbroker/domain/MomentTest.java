package io.taskbroker.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MomentTest {
  private static final Moment NOW = new Moment(1_000_000, 500);

  @Test
  void plus_movesBothClocks() {
    assertThat(NOW.plus(Duration.ofSeconds(2))).isEqualTo(new Moment(1_002_000, 2_500));
    assertThat(NOW.plusMs(-600)).isEqualTo(new Moment(999_400, -100));
  }

  @Test
  void plus_stopsAtTheEndOfTime() {
    assertThat(new Moment(Long.MAX_VALUE - 5, 0).plusMs(10))
        .isEqualTo(new Moment(Long.MAX_VALUE, 10));
  }

  @Test
  void isBefore_asksTheMonotonicClock_strictly() {
    assertThat(NOW.isBefore(NOW)).isFalse();
    assertThat(NOW.isBefore(new Moment(0, 501))).isTrue();
    assertThat(NOW.isBefore(new Moment(Long.MAX_VALUE, 500))).isFalse();
  }

  @Test
  void recall_countsWhatIsLeftOnTheNewClock() {
    assertThat(Moment.recall(1_000_030, NOW, Duration.ofHours(1)))
        .isEqualTo(new Moment(1_000_030, 530));
  }

  @Test
  void recall_ofWhatHasPassedIsDueNow() {
    assertThat(Moment.recall(0, NOW, Duration.ofHours(1))).isEqualTo(new Moment(0, 500));
    assertThat(Moment.recall(Long.MIN_VALUE, NOW, Duration.ofHours(1)).monotonicMs())
        .isEqualTo(500);
  }

  @Test
  void recall_isBoundedByTheLongestThatItCanBe() {
    assertThat(Moment.recall(Long.MAX_VALUE, NOW, Duration.ofSeconds(1)))
        .isEqualTo(new Moment(Long.MAX_VALUE, 1_500));
  }
}
