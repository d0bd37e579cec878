package io.taskbroker.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class DriftTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Figures figures =
      new Figures(new PrintStream(printed, true, StandardCharsets.UTF_8));
  private final Verdicts verdicts = new Verdicts(figures);

  private List<String> judged(List<Sample> samples, int warmUp) {
    Drift.of(samples, warmUp).judge(figures, verdicts);
    figures.print();
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void whatStaysAsItIsHolds() {
    assertThat(judged(Samples.of(Measure.HEAP, 100, 100, 100), 0))
        .hasSizeGreaterThan(Measure.values().length)
        .noneMatch(line -> line.contains("FELL"));
    assertThat(verdicts.fallen()).isZero();
  }

  @Test
  void whatRisesTooFarFalls() {
    assertThat(judged(Samples.of(Measure.RESIDENT, 200, 210, 237), 0))
        .contains(
            "soak.resident.first_third 200 MB", "soak.resident.last_third 237 MB,at_most_236:FELL");
    assertThat(verdicts.fallen()).isEqualTo(1);
  }

  @Test
  void whatMustNotBecomeLessFalls_whenItDoes() {
    assertThat(judged(Samples.of(Measure.RATE, 1_000, 1_000, 940), 0))
        .contains("soak.rate.last_third 940 tasks/s,at_least_950:FELL");
  }

  @Test
  void warmUpIsInNoThird_norIsTheMiddle() {
    Drift drift = Drift.of(Samples.of(Measure.P50, 90, 90, 1, 2, 3, 4, 5, 6, 7), 2);

    assertThat(drift.first())
        .extracting(sample -> sample.of(Measure.P50))
        .containsExactly(1.0, 2.0);
    assertThat(drift.last()).extracting(sample -> sample.of(Measure.P50)).containsExactly(6.0, 7.0);
  }

  @Test
  void latencyOfAThirdIsTheMedianOfItsWindows_andHeapTheLowest() {
    assertThat(judged(Samples.of(Measure.P99, 9, 1, 2, 0, 0, 0, 3, 4, 50), 0))
        .contains("soak.p99.first_third 2.00 ms", "soak.p99.last_third 4.00 ms,at_most_13:held");
    assertThat(judged(Samples.of(Measure.HEAP, 9, 1, 2, 0, 0, 0, 3, 4, 50), 0))
        .contains("soak.heap.first_third 1.00 MB", "soak.heap.last_third 3.00 MB,at_most_18:held");
  }

  @Test
  void whatIsNotKnownIsNotJudged() {
    assertThat(judged(Samples.of(Measure.HEAP, Double.NaN, 40, 50), 0))
        .contains("soak.heap: not known in one of the thirds, so not judged")
        .noneMatch(line -> line.startsWith("soak.heap."));
  }

  @Test
  void oneKnownWindowOfAThirdIsEnough() {
    assertThat(judged(Samples.of(Measure.HEAP, Double.NaN, 40, 40, 40, Double.NaN, 41), 0))
        .contains("soak.heap.last_third 41.0 MB,at_most_66:held");
  }

  @Test
  void tooFewSamplesAreRefused() {
    List<Sample> samples = Samples.of(Measure.HEAP, 1, 2, 3, 4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Drift.of(samples, 2))
        .withMessageContaining("4 samples, 2 of them in the warm-up");
  }
}
