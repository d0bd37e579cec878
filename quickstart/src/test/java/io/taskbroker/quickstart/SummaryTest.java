package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.quickstart.Summary.Open;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Latency;
import io.taskbroker.workload.ledger.Repeat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final Latency LATENCY = new Latency(1.25, 2, 3, 40);

  @Test
  void isOneLine() {
    assertThat(summary(0, Map.of(Repeat.DEADLINE_PASSED, 1L)))
        .hasToString(
            "produced=20 completed=12 failed=3 retried=4 dead_lettered=5 lost=0 repeated=1"
                + " kafka_to_worker_ms: p50=1.3 p90=2.0 p99=3.0 max=40.0");
  }

  @Test
  void isGoodWhenEveryTaskCameToItsEnd() {
    assertThat(summary(0, Map.of()).isGood()).isTrue();
    assertThat(summary(0, Map.of(Repeat.DEADLINE_PASSED, 1L)).isGood()).isTrue();
  }

  @Test
  void isNotGoodWhenOneIsMissing() {
    assertThat(summary(1, Map.of()).isGood()).isFalse();
    assertThat(summary(1, Map.of())).asString().contains("lost=1");
  }

  @Test
  void isNotGoodWhenSomethingHappenedThatMustNot() {
    assertThat(summary(0, Map.of(Repeat.TWO_RETRIES, 1L)).isGood()).isFalse();
    assertThat(new Summary(account(0, Map.of()), LATENCY, Open.LOST, List.of("odd")).isGood())
        .isFalse();
  }

  @Test
  void aDemoThatWasStopped_leavesWhatIsUnderWay() {
    assertThat(new Summary(account(2, Map.of()), LATENCY, Open.LEFT, List.of()))
        .asString()
        .contains("left=2")
        .doesNotContain("lost");
  }

  private static Summary summary(long open, Map<Repeat, Long> repeated) {
    return new Summary(account(open, repeated), LATENCY, Open.LOST, List.of());
  }

  private static Account account(long open, Map<Repeat, Long> repeated) {
    return new Account(20, 25, 12, 3, 4, 4, 5, 5, open, repeated);
  }
}
