package io.taskbroker.benchmarks.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessTimesTest {
  /** User and system time are 7 and 5 ticks, those of ended children 300 and 20. */
  private static final String STAT =
      "4711 (%s) S 1 4711 4711 0 -1 4194560 900 800 0 0 7 5 300 20 20 0 1 0 12345 0 0\n";

  @Test
  void stat_countsUserAndSystemTime_andEndedChildrenApart() {
    assertThat(ProcessTimes.ofStat(STAT.formatted("postgres")))
        .isEqualTo(new ProcessTimes(Duration.ofMillis(120), Duration.ofMillis(3_200)));
  }

  @Test
  void stat_isReadBehindAnyName() {
    assertThat(ProcessTimes.ofStat(STAT.formatted("a) S 9 9 (b")))
        .isEqualTo(ProcessTimes.ofStat(STAT.formatted("postgres")));
  }

  @Test
  void stat_thatIsCutOffIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProcessTimes.ofStat("4711 (postgres) S 1 4711"))
        .withMessageContaining("4711 (postgres) S 1 4711");
  }

  @Test
  void schedstat_beginsWithTheTimeOnAProcessor() {
    assertThat(ProcessTimes.ofSchedstat("789262 1132133 10\n"))
        .isEqualTo(Duration.ofNanos(789_262));
  }
}
