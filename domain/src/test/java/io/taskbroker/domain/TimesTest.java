package io.taskbroker.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimesTest {
  private static final List<Long> NUMBERS =
      List.of(
          Long.MIN_VALUE,
          Long.MIN_VALUE + 1,
          -7L,
          -1L,
          0L,
          1L,
          7L,
          Long.MAX_VALUE - 1,
          Long.MAX_VALUE);

  @Test
  void sumsAndDifferences_areExactOrStopAtTheEnds() {
    for (long a : NUMBERS) {
      for (long b : NUMBERS) {
        BigInteger left = BigInteger.valueOf(a);
        BigInteger right = BigInteger.valueOf(b);
        assertThat(Times.plus(a, b)).as(a + " + " + b).isEqualTo(clamp(left.add(right)));
        assertThat(Times.minus(a, b)).as(a + " - " + b).isEqualTo(clamp(left.subtract(right)));
      }
    }
  }

  private static long clamp(BigInteger exact) {
    return exact
        .min(BigInteger.valueOf(Long.MAX_VALUE))
        .max(BigInteger.valueOf(Long.MIN_VALUE))
        .longValueExact();
  }
}
