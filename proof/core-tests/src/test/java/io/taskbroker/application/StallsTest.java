package io.taskbroker.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StallsTest {
  private final SettableTime time = new SettableTime();
  private final Stalls stalls = new Stalls(time);
  private final CapturedLog log = new CapturedLog("taskbroker::stalls");

  @AfterEach
  void closeLog() {
    log.close();
  }

  @Test
  void reasonsThatTakeTurns_areSaidOnceEach() {
    for (int i = 0; i < 10; i++) {
      stalls.begin("The store", "the disk is full", "Make room.");
      stalls.begin("The store", "the log cannot be copied.", "Make room.");
      time.advance(Duration.ofSeconds(4));
    }

    assertThat(log.lines())
        .containsExactly(
            "The store is stalled: the disk is full. Make room.",
            "The store is stalled: the log cannot be copied. Make room.");
    assertThat(stalls.current()).isEqualTo(Map.of("The store", "the log cannot be copied"));
  }

  @Test
  void reasonsThatAreNeverTheSame_areBounded() {
    for (int i = 0; i < 1_000; i++) {
      stalls.begin("Intake", "missing is" + " something".repeat(i), "Make room.");
    }

    assertThat(log.lines()).hasSize(10);
  }

  @Test
  void aReasonWithOtherNumbers_isNoNews() {
    stalls.begin("Publishing", "the time 1795854820823 is out of range", "Compare the clocks.");
    stalls.begin("Publishing", "the time 1795854822442 is out of range", "Compare the clocks.");

    assertThat(log.lines()).hasSize(1);
    assertThat(stalls.current()).containsValue("the time 1795854822442 is out of range");
  }

  @Test
  void theLatestReason_isSaidAgainEachMinuteAndAtTheEnd() {
    stalls.begin("The store", "the disk is full", "Make room.");
    stalls.begin("The store", "the log cannot be copied", "Make room.");
    time.advance(Duration.ofSeconds(61));
    stalls.remind();
    stalls.remind();
    stalls.end("The store");
    stalls.begin("The store", "the disk is full", "Make room.");

    assertThat(log.lines())
        .containsExactly(
            "The store is stalled: the disk is full. Make room.",
            "The store is stalled: the log cannot be copied. Make room.",
            "The store is still stalled, for 61 s: the log cannot be copied",
            "The store goes on after 61 s (the log cannot be copied)",
            "The store is stalled: the disk is full. Make room.");
  }

  @Test
  void whatStopsAgainAndAgain_hasTwoLinesMore_andGoesOnOnceItHasForTenSeconds() {
    for (int second = 0; second < 40; second += 4) {
      stalls.begin("The store", "the disk is full", "Make room.");
      time.advance(Duration.ofSeconds(1));
      stalls.end("The store"); // until the next large batch
      time.advance(Duration.ofSeconds(3));
      stalls.remind();
    }
    assertThat(stalls.current()).containsKey("The store");
    time.advance(Duration.ofSeconds(8));
    stalls.remind();

    assertThat(log.lines())
        .containsExactly(
            "The store is stalled: the disk is full. Make room.",
            "The store goes on after 1 s (the disk is full)",
            "The store is stalled: the disk is full. Make room.",
            "The store goes on after 33 s (the disk is full)");
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void whatStopsAgainMuchLater_goesOnAtOnce() {
    stalls.begin("The store", "the disk is full", "Make room.");
    stalls.end("The store");
    time.advance(Duration.ofSeconds(61));
    stalls.begin("The store", "the disk is full", "Make room.");
    stalls.end("The store");

    assertThat(stalls.current()).isEmpty();
    assertThat(log.lines()).hasSize(4);
  }

  @Test
  void aReasonDuringARelapseThatIsNew_isSaid() {
    for (String reason : List.of("the disk is full", "the disk is full", "it is read-only")) {
      stalls.begin("The store", reason, "Make room.");
      time.advance(Duration.ofSeconds(1));
      stalls.end("The store");
    }

    assertThat(log.lines())
        .containsExactly(
            "The store is stalled: the disk is full. Make room.",
            "The store goes on after 1 s (the disk is full)",
            "The store is stalled: the disk is full. Make room.",
            "The store is stalled: it is read-only. Make room.");
  }
}
