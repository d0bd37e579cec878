package io.taskbroker.adapters.http.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private static final Duration LIST = Duration.ofMillis(30);

  private final Allowance allowance = new Allowance();
  private long nowNanos = 5_000_000_000L;

  private void pass(Duration span) {
    nowNanos += span.toNanos();
  }

  /** One list after the other, with the pauses that it takes. */
  private int listsWithin(Duration span) {
    long end = nowNanos + span.toNanos();
    int lists = 0;
    while (nowNanos < end) {
      pass(allowance.pause(nowNanos));
      pass(LIST);
      allowance.spend(LIST, nowNanos);
      lists++;
    }
    return lists;
  }

  @Test
  void whoListsNowAndThen_neverPauses() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(allowance.pause(nowNanos)).isZero();
      allowance.spend(LIST, nowNanos);
      pass(LIST.multipliedBy(Allowance.PARTS));
    }
  }

  @Test
  void whoListsWithoutPause_hasATenthOfTheTime_afterTheFirstSecond() {
    int atOnce = listsWithin(Allowance.AT_ONCE);

    assertThat(atOnce * LIST.toMillis()).isBetween(970L, 1_030L);
    assertThat(listsWithin(Duration.ofMinutes(1)) * LIST.toMillis()).isBetween(6_000L, 6_300L);
  }

  @Test
  void aPause_makesUpForIt() {
    listsWithin(Duration.ofMinutes(1));
    assertThat(allowance.pause(nowNanos)).isPositive();

    pass(Allowance.AT_ONCE.multipliedBy(Allowance.PARTS + 1L));

    assertThat(listsWithin(Allowance.AT_ONCE) * LIST.toMillis()).isBetween(970L, 1_030L);
  }

  @Test
  void oneThatTakesVeryLong_isNotHeldAgainstIt() {
    allowance.spend(Duration.ofHours(1), nowNanos);

    assertThat(allowance.pause(nowNanos)).isEqualTo(Allowance.LONGEST_PAUSE);
  }
}
