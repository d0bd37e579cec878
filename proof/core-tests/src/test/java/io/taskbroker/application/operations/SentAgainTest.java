package io.taskbroker.application.operations;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentAgainTest {
  private final SentAgain sentAgain = new SentAgain();

  @Test
  void theLastTaskThatADeadLetterBecame_isKnown() {
    sentAgain.sent("a", "new 1");
    sentAgain.sent("a", "new 2");

    assertThat(sentAgain.newIdOf("a")).contains("new 2");
    assertThat(sentAgain.newIdOf("b")).isEmpty();
  }

  @Test
  void theOldest_isForgotten_whereThereAreTooMany() {
    sentAgain.sent("first", "new");
    sentAgain.sent("second", "new");
    sentAgain.sent("first", "newer");
    for (int i = 0; i < SentAgain.MOST - 1; i++) {
      sentAgain.sent("more " + i, "new");
    }

    assertThat(sentAgain.newIdOf("second")).isEmpty();
    assertThat(sentAgain.newIdOf("first")).contains("newer");
  }
}
