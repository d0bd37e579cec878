package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.PushEvent.Offer;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.push.WorkerGateway.Health;
import io.taskbroker.application.push.WorkerGateway.Workers;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a lane decides, without threads, a store or workers. */
class LaneStateTest {
  private static final int CONCURRENCY = 2;
  private static final int QUEUE = 3;
  private static final PushSettings SETTINGS =
      new PushSettings(CONCURRENCY, QUEUE, 100, Duration.ofSeconds(5), Duration.ofSeconds(30));
  private static final WorkerConnection FIRST = new WorkerConnection("w1:1", 1);
  private static final WorkerConnection SECOND = new WorkerConnection("w2:1", 1);
  private static final Workers ONE = new Workers(List.of(FIRST), "");
  private static final Workers TWO = new Workers(List.of(FIRST, SECOND), "");
  private static final long MB = 1024 * 1024;

  private final ClaimedBytes bytes = new ClaimedBytes();
  private final LaneState lane = new LaneState(SETTINGS, bytes);
  private Moment now = new Moment(1_000_000, 1_000);
  private int number;

  @Test
  void itClaimsWhatItHasRoomFor_oneClaimAtATime() {
    assertThat(lane.next(ONE, true, now))
        .containsExactly(new Step.ClaimMore(CONCURRENCY + QUEUE, 8 * MB));
    assertThat(lane.next(ONE, true, now)).isEmpty();
  }

  @Test
  void itClaimsNothing_whileNothingIsDue() {
    assertThat(lane.next(ONE, false, now)).isEmpty();
  }

  @Test
  void whatIsHopeless_isRejectedUnsent() {
    lane.next(ONE, true, now);
    Delivered hopeless = task(10, "3 pushes of it have failed");

    assertThat(lane.claimed(List.of(hopeless), now, now))
        .containsExactly(
            new Step.Count(new PushEvent.Offered(Offer.QUEUED, 1, Duration.ZERO)),
            new Step.Reject(hopeless, "3 pushes of it have failed"));
    assertThat(sends(lane.next(ONE, false, now))).isEmpty();
  }

  @Test
  void itSendsAsManyAsMayBeUnderWay_andTheNextWhenOneHasEnded() {
    List<PushUnderWay> sent = claimAndSend(ONE, task(10), task(10), task(10));
    assertThat(sent).hasSize(CONCURRENCY);

    List<Step> steps = lane.answered(sent.getFirst(), new Answer.Accepted(), now);

    assertThat(steps).containsExactly(new Step.Mark(sent.getFirst().delivered().claim()));
    assertThat(sends(lane.next(ONE, false, now))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "accepted, Mark",
    "busy, TakeBack",
    "refused, TakeBack",
    "failed, CountFailure",
    "unknown, Unknown",
    "undeliverable, Reject"
  })
  void eachAnswer_hasItsConsequence(String kind, String consequence) {
    PushUnderWay push = claimAndSend(TWO, task(10)).getFirst();
    Answer answer =
        switch (kind) {
          case "accepted" -> new Answer.Accepted();
          case "busy" -> new Answer.Busy();
          case "refused" -> new Answer.Refused("away");
          case "failed" -> new Answer.Failed("it broke");
          case "unknown" -> new Answer.Unknown("silence");
          default -> new Answer.Undeliverable("too large");
        };

    assertThat(lane.answered(push, answer, now))
        .extracting(step -> step.getClass().getSimpleName())
        .first()
        .isEqualTo(consequence);
  }

  @Test
  void afterAnUnknownEnd_theConnectionRests_andIsAskedForItsHealth() {
    PushUnderWay push = claimAndSend(ONE, task(10)).getFirst();
    lane.answered(push, new Answer.Unknown("silence"), now);
    assertThat(lane.next(ONE, true, now)).as("it rests").isEmpty();

    now = now.plus(Duration.ofMillis(100));
    assertThat(lane.next(ONE, false, now)).containsExactly(new Step.AskHealth(push.over()));
    assertThat(lane.next(ONE, true, now)).as("it is being asked").isEmpty();

    lane.health(push.over(), Health.SERVING, now);
    assertThat(lane.next(ONE, true, now)).hasAtLeastOneElementOfType(Step.ClaimMore.class);
  }

  @Test
  void whileItIsSilent_itRestsLongerAndLonger_fiveSecondsAtMost() {
    PushUnderWay push = claimAndSend(ONE, task(10)).getFirst();
    lane.answered(push, new Answer.Unknown("silence"), now);
    int asked = 0;
    for (int tenths = 0; tenths < 600; tenths++) {
      now = now.plus(Duration.ofMillis(100));
      for (Step step : lane.next(ONE, true, now)) {
        assertThat(step).isInstanceOf(Step.AskHealth.class);
        asked++;
        lane.health(push.over(), Health.SILENT, now);
      }
    }

    assertThat(asked).as("in a minute").isBetween(15, 18);
  }

  @Test
  void whatNoConnectionMayHave_goesBack() {
    List<PushUnderWay> sent = claimAndSend(ONE, task(10), task(10), task(10));
    List<Step> steps = lane.answered(sent.getFirst(), new Answer.Refused("away"), now);
    assertThat(steps).contains(new Word.Standstill("away (connection 1 to w1:1)"));

    assertThat(lane.next(ONE, false, now))
        .singleElement()
        .isInstanceOfSatisfying(Step.TakeBack.class, back -> assertThat(back.claims()).hasSize(1));
  }

  @Test
  void itsWorkers_areToldByAddress_withWhatIsUnderWay_andWhyTheyRest() {
    lane.next(new Workers(List.of(), "there is no host 'w'"), false, now);
    assertThat(lane.workers("shop"))
        .containsExactly(new CalledWorker("shop", "", 0, 0, 0, "there is no host 'w'"));
    List<PushUnderWay> sent = claimAndSend(TWO, task(10), task(10));
    assertThat(lane.workers("shop"))
        .containsExactly(
            new CalledWorker("shop", "w1:1", 1, 0, 1, ""),
            new CalledWorker("shop", "w2:1", 1, 0, 1, ""));

    lane.answered(sent.getFirst(), new Answer.Refused("away"), now);

    assertThat(lane.workers("shop"))
        .containsExactly(
            new CalledWorker("shop", "w1:1", 1, 1, 0, "away"),
            new CalledWorker("shop", "w2:1", 1, 0, 1, ""));
  }

  @Test
  void whatOthersHaveInMemory_leavesRoomForALittle() {
    bytes.add(ClaimedBytes.MOST);

    assertThat(lane.next(ONE, true, now))
        .containsExactly(new Step.ClaimMore(CONCURRENCY + QUEUE, MB));
  }

  @Test
  void atItsEnd_memoryIsAllFreeAgain() {
    List<PushUnderWay> sent = claimAndSend(TWO, task(1000), task(1000), task(1000));
    lane.answered(sent.getFirst(), new Answer.Accepted(), now);
    lane.notSent(sent.getLast());
    assertThat(lane.isIdle()).isFalse();

    assertThat(lane.drain()).singleElement().isInstanceOf(Step.TakeBack.class);

    assertThat(lane.isIdle()).isTrue();
    assertThat(bytes.reserve(Long.MAX_VALUE)).isEqualTo(ClaimedBytes.MOST);
  }

  // ---------------------------------------------------------------- fixture

  private List<PushUnderWay> claimAndSend(Workers workers, Delivered... tasks) {
    lane.next(workers, true, now);
    lane.claimed(List.of(tasks), now, now);
    return sends(lane.next(workers, false, now));
  }

  private static List<PushUnderWay> sends(List<Step> steps) {
    return steps.stream()
        .filter(Step.Send.class::isInstance)
        .map(step -> ((Step.Send) step).push())
        .toList();
  }

  private Delivered task(int bytes) {
    return task(bytes, null);
  }

  private Delivered task(int bytes, @Nullable String hopeless) {
    number++;
    var activation = Activations.pending("task-" + number).arriving().activation();
    return new Delivered(
        new Claim(number, number, activation, 0, RetryOverride.NONE, hopeless), new byte[bytes]);
  }
}
