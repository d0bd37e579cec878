package io.taskbroker.application.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DepartedWorkersTest {
  private final DepartedWorkers departed = new DepartedWorkers();

  @Test
  void whoHasGone_isKnown_untilItComesBack() {
    departed.went("10.0.0.5:1", 1_000);
    departed.went("", 1_000);
    assertThat(departed.goneMs("10.0.0.5:1")).contains(1_000L);
    assertThat(departed.goneMs("10.0.0.6:1")).isEmpty();
    assertThat(departed.goneMs("")).isEmpty();

    departed.came("10.0.0.5:1");

    assertThat(departed.goneMs("10.0.0.5:1")).isEmpty();
  }

  @Test
  void whoWentFirst_isForgottenFirst() {
    for (int i = 0; i < DepartedWorkers.MOST; i++) {
      departed.went("w" + i, i);
    }
    departed.went("w0", 9);
    departed.went("one more", 9);

    assertThat(departed.goneMs("w0")).contains(9L);
    assertThat(departed.goneMs("w1")).isEmpty();
    assertThat(departed.goneMs("w2")).contains(2L);
  }
}
