package io.taskbroker.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class VerdictsTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Figures figures =
      new Figures(new PrintStream(printed, true, StandardCharsets.UTF_8));
  private final Verdicts verdicts = new Verdicts(figures);

  private List<String> said() {
    figures.print();
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void whatReachesItsBoundIsHeld() {
    verdicts.atLeast("rate", 5, 5, "x");
    verdicts.atMost("p99", 10, 10, "ms");

    assertThat(said()).contains("rate 5.00 x,at_least_5:held", "p99 10.0 ms,at_most_10:held");
    assertThat(verdicts.fallen()).isZero();
  }

  @Test
  void whatMissesItsBoundFell_andIsCounted() {
    verdicts.atLeast("ratio", 0.79, 0.8, "x");
    verdicts.atMost("idle", 0.51, 0.5, "percent");

    assertThat(said())
        .contains("ratio 0.79 x,at_least_0.8:FELL", "idle 0.51 percent,at_most_0.5:FELL");
    assertThat(verdicts.fallen()).isEqualTo(2);
  }

  @Test
  void medianIsTheMiddle_orTheMeanOfTheTwoInTheMiddle() {
    assertThat(Verdicts.median(DoubleStream.of(9, 1, 2))).isEqualTo(2);
    assertThat(Verdicts.median(DoubleStream.of(9, 1, 2, 4))).isEqualTo(3);
  }
}
