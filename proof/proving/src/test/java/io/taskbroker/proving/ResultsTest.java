package io.taskbroker.proving;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proving.Results.Skipped;
import io.taskbroker.proving.stage.Verdict.Outcome;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private final Results results = new Results();

  @Test
  void whatWasSkipped_isNotCountedAsHeld() {
    results.add("fetch", Outcome.HELD);
    results.add("clock", Outcome.SKIPPED);

    assertThat(results.summary())
        .isEqualToNormalizingNewlines(
            "held: fetch; fell: none; skipped: clock\n1 passed, 0 failed, 1 skipped");
  }

  @Test
  void whatWasSkipped_failsAStrictRunOnly() {
    results.add("clock", Outcome.SKIPPED);

    assertThat(results.areGood(Skipped.PASSES)).isTrue();
    assertThat(results.areGood(Skipped.FAILS)).isFalse();
  }

  @Test
  void whatFell_failsEveryRun() {
    results.add("fetch", Outcome.HELD);
    results.add("kill", Outcome.FELL);

    assertThat(results.areGood(Skipped.PASSES)).isFalse();
    assertThat(results.summary()).contains("fell: kill");
  }
}
