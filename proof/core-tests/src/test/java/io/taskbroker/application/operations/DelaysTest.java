package io.taskbroker.application.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Depths;
import io.taskbroker.domain.operator.Outliers;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** What the log says when all that is stored waits for its time. */
class DelaysTest {
  private final SettableTime time = new SettableTime();
  private final Delays delays = new Delays(time);

  private void look(int pending, int delayed, Duration next) {
    delays.look(
        new Depths(pending, delayed, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        new Outliers(time.now().plus(next).wallMs(), null, List.of(), List.of()));
  }

  @Test
  void aLongWait_isSaidOnce_untilItIsOver() {
    try (CapturedLog log = new CapturedLog(Logger.ROOT_LOGGER_NAME)) {
      look(0, 2, Duration.ofHours(3));
      look(0, 2, Duration.ofHours(3));

      assertThat(log.lines())
          .containsExactly(
              "All that is stored: producers have delayed all of the 2 tasks that are here; the"
                  + " first is due in 3 h 0 min. Wait, or let them run at once with 'run-now'.");

      look(1, 2, Duration.ofHours(3));
      time.advance(Duration.ofMinutes(11));
      look(0, 2, Duration.ofHours(3));

      assertThat(log.lines()).hasSize(2);
    }
  }

  @Test
  void aShortWait_orTasksThatCouldMove_areNotSaid() {
    try (CapturedLog log = new CapturedLog(Logger.ROOT_LOGGER_NAME)) {
      look(0, 2, Duration.ofSeconds(30));
      look(1, 2, Duration.ofHours(3));
      look(0, 0, Duration.ofHours(3));

      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void whatComesAndGoes_isSaidEveryTenMinutesAtMost() {
    try (CapturedLog log = new CapturedLog(Logger.ROOT_LOGGER_NAME)) {
      for (int round = 0; round < 10; round++) {
        look(0, 1, Duration.ofHours(3));
        look(1, 1, Duration.ofHours(3));
        time.advance(Duration.ofMinutes(1));
      }

      assertThat(log.lines()).hasSize(1);
    }
  }
}
