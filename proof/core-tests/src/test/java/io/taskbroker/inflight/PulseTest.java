package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.Custody.Silent;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PulseTest {
  private static final List<Silent> DEAD = List.of(new Silent(7, "dead", Duration.ofSeconds(12)));

  private final Moment start = SettableTime.START;
  private final Pulse pulse = new Pulse(start);

  private Moment at(long ms) {
    return start.plusMs(ms);
  }

  private void beat(long... atMs) {
    for (long ms : atMs) {
      pulse.beaten(at(ms), DEAD);
    }
  }

  @Test
  void aBrokerThatHasNotBeatenYetIsLate() {
    assertThat(pulse.isLate(start)).isTrue();
  }

  @Test
  void aBrokerIsLateEightSecondsAfterItsLastBeatBegan() {
    beat(0, 2_000);

    assertThat(pulse.isLate(at(9_999))).isFalse();
    assertThat(pulse.isLate(at(10_000))).isTrue();
    beat(10_500);
    assertThat(pulse.isLate(at(10_500))).isFalse();
  }

  @Test
  void aBrokerIsCutOffThirtySecondsAfterItsLastBeat_orItsStart() {
    assertThat(pulse.isCutOff(at(29_999))).isFalse();
    assertThat(pulse.isCutOff(at(30_000))).isTrue();
    beat(40_000);
    assertThat(pulse.isCutOff(at(69_999))).isFalse();
    assertThat(pulse.isCutOff(at(70_000))).isTrue();
  }

  @Test
  void nobodyIsJudgedBeforeTenSecondsWithoutAGap() {
    beat(0, 2_000, 4_000, 6_000, 8_000);
    assertThat(pulse.toDepose(at(9_999))).isEmpty();
    beat(10_000);
    assertThat(pulse.toDepose(at(10_000))).isEqualTo(DEAD);
  }

  @Test
  void aGapBeginsTheTenSecondsAnew() {
    beat(0, 4_000, 9_001, 11_000);

    assertThat(pulse.toDepose(at(12_000))).isEmpty();
    beat(13_000, 15_000, 17_000);
    assertThat(pulse.toDepose(at(18_999))).isEmpty();
    beat(19_001);
    assertThat(pulse.toDepose(at(19_001))).isEqualTo(DEAD);
  }

  @Test
  void aBrokerThatIsLateItselfJudgesNobody() {
    beat(0, 2_000, 4_000, 6_000, 8_000, 10_000);

    assertThat(pulse.toDepose(at(18_000))).isEmpty();
  }
}
