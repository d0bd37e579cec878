package io.taskbroker.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  @Test
  void bothSidesAreInOneTable_withTheRatioOfTheMediansAndOfEachPair() {
    Comparison comparison =
        Comparison.of(
            List.of(drain("100", 0), drain("120", 0), drain("90", 0)),
            List.of(drain("50", 0), drain("40", 0), drain("60", 0)));

    assertThat(comparison.table().lines().toList())
        .containsExactly(
            "| figure     | unit    | min  | median | max | other min | median | max  | ratio |"
                + " pairs          |",
            "| ---------- | ------- | ---- | ------ | --- | --------- | ------ | ---- | ----- |"
                + " -------------- |",
            "| drain.rate | tasks/s | 90.0 | 100    | 120 | 40.0      | 50.0   | 60.0 | 2.00  |"
                + " 2.00 3.00 1.50 |");
  }

  @Test
  void whatOnlyOneSideSays_isThere_andSoIsAFailure() {
    Outcome ours = Outcome.of("push", 0, List.of("push.rate 7 tasks/s,at_least_5:held"));
    Outcome theirs = Outcome.of("push", 2, List.of());

    assertThat(Comparison.of(List.of(ours), List.of(theirs)).table().lines().skip(2).toList())
        .map(line -> line.replaceAll(" +", " "))
        .containsExactly(
            "| push.rate | tasks/s | 7.00 | 7.00 | 7.00 | – | – | – | – | – |",
            "| exit_code_of_the_other | FAILED | 2 | | | | | | | |");
  }

  @Test
  void eachSideIsAskedForTheSame_withoutTheComparison() {
    assertThat(
            Versus.without(
                List.of("drain", "--vs", "java -jar old.jar", "--heap=2g", "--vs-rounds=5")))
        .containsExactly("drain", "--heap=2g");
    assertThat(Versus.without(List.of("push", "--vs=x", "--vs-rounds", "5", "--slots", "8")))
        .containsExactly("push", "--slots", "8");
  }

  private static Outcome drain(String rate, int exit) {
    return Outcome.of("drain", exit, List.of("drain.rate " + rate + " tasks/s"));
  }
}
