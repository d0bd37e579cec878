package io.taskbroker.bootstrap.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.taskbroker.bootstrap.logging.Repetitions.LeftOut;
import io.taskbroker.bootstrap.logging.Repetitions.Showing;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepetitionsTest {
  private static final long NOON = 1_772_452_800_000L;

  private final LoggerContext context = new LoggerContext();
  private final Repetitions repetitions = new Repetitions();

  private Showing judge(Level level, String text, @Nullable Throwable thrown, long atMs) {
    var event =
        new LoggingEvent(
            "here", context.getLogger("taskbroker::store"), level, text, thrown, new Object[] {1});
    event.setTimeStamp(atMs);
    return repetitions.judge(event);
  }

  @Test
  void ofOneKind_aMinuteHasSomeLines_andOneStackTrace() {
    int whole = 0;
    int bare = 0;
    for (int i = 0; i < 1_628; i++) {
      switch (judge(Level.WARN, "the log {} grows", new IOException("full " + i), NOON + i)) {
        case WHOLE -> whole++;
        case WITHOUT_STACK -> bare++;
        case NOT -> {}
      }
    }

    assertThat(whole).isEqualTo(1);
    assertThat(bare).isEqualTo(Repetitions.MOST_LINES - 1);
    assertThat(repetitions.over(NOON + 59_999)).isEmpty();
    assertThat(repetitions.over(NOON + 60_000))
        .containsExactly(
            new LeftOut(
                "taskbroker::store",
                Level.WARN,
                "the log {} grows",
                1_628 - Repetitions.MOST_LINES));
    assertThat(judge(Level.WARN, "the log {} grows", new IOException(), NOON + 60_000))
        .isEqualTo(Showing.WHOLE);
  }

  @Test
  void otherTexts_otherFailures_andWhatSomebodyLooksFor_areOfOtherKinds() {
    for (int i = 0; i < 100; i++) {
      judge(Level.ERROR, "it broke", new IOException(), NOON);
    }

    assertThat(judge(Level.ERROR, "it broke", new IllegalStateException(), NOON))
        .isEqualTo(Showing.WHOLE);
    assertThat(judge(Level.ERROR, "it broke here", new IOException(), NOON))
        .isEqualTo(Showing.WHOLE);
    for (int i = 0; i < 100; i++) {
      assertThat(judge(Level.DEBUG, "it broke", new IOException(), NOON)).isEqualTo(Showing.WHOLE);
    }
  }

  @Test
  void aClockThatGoesBack_beginsANewMinute() {
    for (int i = 0; i < 100; i++) {
      judge(Level.WARN, "slow", null, NOON);
    }

    assertThat(repetitions.over(NOON - 3_600_000)).hasSize(1);
    assertThat(judge(Level.WARN, "slow", null, NOON - 3_600_000)).isEqualTo(Showing.WHOLE);
  }
}
