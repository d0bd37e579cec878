package io.taskbroker.benchmarks.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class SmallTransactionsTest {
  @Test
  void rateIsReadFromWhatPgbenchSays() {
    String said =
        """
        scaling factor: 1
        latency average = 6.098 ms
        tps = 10495.283921 (without initial connection time)
        """;

    assertThat(SmallTransactions.tps(said)).isEqualTo(10_495.283921);
  }

  @Test
  void whatPgbenchSaysWithoutARateIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> SmallTransactions.tps("pgbench: error: no tps = here"))
        .withMessageContaining("no tps = here");
  }
}
