package io.taskbroker.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MixTest {
  private static int[] kinds(int count, int largeEach) {
    return IntStream.range(0, count).map(number -> Mix.kind(number, largeEach)).toArray();
  }

  @Test
  void oneInSoManyIsLarge_andTheirSizesTakeTurns() {
    assertThat(kinds(8, 2)).containsExactly(0, 1, 0, 2, 0, 3, 0, 1);
  }

  @Test
  void noneIsLargeIfNoneIsWanted() {
    assertThat(kinds(1_000, 0)).containsOnly(0);
  }
}
