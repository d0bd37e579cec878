package io.taskbroker.benchmarks.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.benchmarks.Figures;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class PairsTest {
  private final Figures figures =
      new Figures(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));

  private static Pace pace(long done, int serverMillis) {
    return new Pace(done, Duration.ofSeconds(2), Duration.ofMillis(serverMillis), new Histogram(3));
  }

  @Test
  void paceIsOfOneSecond_andOfOneTask() {
    assertThat(pace(1_000, 250)).returns(500.0, Pace::rate).returns(250.0, Pace::cpuMicros);
  }

  @Test
  void ratioIsOfPairs_ofTheLastOnesIfAsked() {
    var pairs = new Pairs("the one; the other");
    pairs.add(figures, pace(1_000, 1), pace(500, 1));
    pairs.add(figures, pace(500, 1), pace(500, 1));
    pairs.add(figures, pace(2_000, 1), pace(1_500, 1));

    assertThat(pairs.ratio(Pace::rate)).isEqualTo(0.75);
    assertThat(pairs.last(2).ratio(Pace::rate)).isEqualTo(0.875);
    assertThat(pairs.last(9).ratio(Pace::rate)).isEqualTo(0.75);
  }

  @Test
  void spreadIsOfAllMeasurements() {
    var pairs = new Pairs("the one; the other");
    pairs.add(figures, pace(1_000, 250), pace(1_000, 500));
    pairs.add(figures, pace(1_000, 125), pace(1_000, 250));

    assertThat(pairs.spread()).isEqualTo(4);
  }
}
