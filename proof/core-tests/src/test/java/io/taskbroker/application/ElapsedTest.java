package io.taskbroker.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElapsedTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 ms",
    "999, 999 ms",
    "1000, 1 s",
    "25354, 25 s",
    "119999, 119 s",
    "303000, 5 min 3 s",
    "11100000, 3 h 5 min",
  })
  void isReadAtOnce(long ms, String text) {
    assertThat(Elapsed.text(Duration.ofMillis(ms))).isEqualTo(text);
  }
}
