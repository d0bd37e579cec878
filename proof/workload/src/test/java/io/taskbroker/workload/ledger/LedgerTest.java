package io.taskbroker.workload.ledger;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final String BROKER = "broker:1";
  private static final TaskKind QUICK = TaskKind.quick("quick").within(Duration.ofSeconds(10));
  private static final TaskKind TWICE = TaskKind.quick("twice").retrying(2);
  private static final TaskKind DEAD = TaskKind.quick("dead").ending(Ending.DEAD_LETTER);

  private long nowNanos;
  private final Ledger ledger = new Ledger(() -> nowNanos);

  @Test
  void aTaskThatWasWorkedOnToItsEnd_isCompleted() {
    work(activation(QUICK, produced(QUICK), "a", 0));

    assertThat(ledger.unfinished()).isZero();
    assertThat(ledger.account())
        .returns(1L, Account::produced)
        .returns(1L, Account::completed)
        .returns(0L, Account::open)
        .returns(0L, Account::repeats);
  }

  @Test
  void aTaskThatKafkaTookAndNobodyGot_isOpen() {
    produced(QUICK);

    assertThat(ledger.unfinished()).isEqualTo(1);
    assertThat(ledger.account().open()).isEqualTo(1);
  }

  @Test
  void aTaskThatKafkaNeverTook_isNotMissed() {
    ledger.open(QUICK);

    assertThat(ledger.unfinished()).isZero();
    assertThat(ledger.account().produced()).isZero();
    assertThat(ledger.account().open()).isZero();
  }

  @Test
  void aWorkerMayBeQuickerThanKafkasAcknowledgement() {
    Label label = ledger.open(QUICK);
    work(activation(QUICK, label, "a", 0));
    ledger.produced(label);

    assertThat(ledger.unfinished()).isZero();
    assertThat(ledger.account().completed()).isEqualTo(1);
  }

  @Test
  void aRetriedTask_isFollowedThroughItsIds() {
    Label label = produced(TWICE);
    work(activation(TWICE, label, "a", 0));
    work(activation(TWICE, label, "b", 1));
    assertThat(ledger.unfinished()).isEqualTo(1);

    ledger.retryRecord(activation(TWICE, label, "b", 1)); // seen late: a reader has its own pace
    work(activation(TWICE, label, "c", 2));

    assertThat(ledger.unfinished()).isZero();
    assertThat(ledger.account())
        .returns(2L, Account::retried)
        .returns(1L, Account::retryRecords)
        .returns(1L, Account::completed)
        .returns(0L, Account::repeats);
  }

  @Test
  void aDeadLetter_isOverOnceItIsOnItsTopic() {
    Label label = produced(DEAD);
    work(activation(DEAD, label, "a", 0));
    assertThat(ledger.unfinished()).isEqualTo(1);

    ledger.deadLetter(activation(DEAD, label, "a", 0));
    ledger.deadLetter(activation(DEAD, label, "a", 0));

    assertThat(ledger.unfinished()).isZero();
    assertThat(ledger.account())
        .returns(1L, Account::deadLettered)
        .returns(2L, Account::deadLetterRecords);
  }

  @Test
  void handedOutAgainAfterItsDeadline_isARepeatThatIsExplained() {
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    ledger.handedOut(activation, BROKER, nowNanos);
    nowNanos += QUICK.deadline().toNanos();
    work(activation);

    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.DEADLINE_PASSED));
    assertThat(ledger.account().unexplained()).isZero();
  }

  @Test
  void handedOutAgainBeforeItsDeadline_isNotExplained() {
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    ledger.handedOut(activation, BROKER, nowNanos);
    nowNanos += QUICK.deadline().toNanos() - 1;
    work(activation);

    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.BEFORE_ITS_DEADLINE));
    assertThat(ledger.account().unexplained()).isEqualTo(1);
  }

  @Test
  void handedOutAgainAfterAnAcknowledgedReport_isNotExplained() {
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    work(activation);
    nowNanos += Duration.ofDays(1).toNanos();
    work(activation);

    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.AFTER_ITS_REPORT));
    assertThat(ledger.account().unexplained()).isEqualTo(1);
  }

  @Test
  void aRepetition_namesAllHandoutsOfTheAttempt_andHowManyRecordsThereAre() {
    Label label = produced(TWICE);
    TaskActivation retry = activation(TWICE, label, "b", 1);
    work(activation(TWICE, label, "a", 0));
    ledger.retryRecord(retry);
    ledger.retryRecord(retry);
    work(retry, "broker:1");
    nowNanos += 7;
    work(retry, "broker:2");

    assertThat(ledger.repetitions())
        .singleElement()
        .satisfies(
            repetition -> {
              assertThat(repetition.earlier())
                  .extracting(Handout::broker)
                  .containsExactly("broker:1");
              assertThat(repetition.again().broker()).isEqualTo("broker:2");
              assertThat(repetition.again().atNanos()).isEqualTo(nowNanos);
              assertThat(repetition.records()).isEqualTo(2);
            });
  }

  @Test
  void handoutTimes_areThoseOfOneKind_fromAMomentOn() {
    work(activation(QUICK, produced(QUICK), "a", 0));
    nowNanos = 10;
    work(activation(QUICK, produced(QUICK), "b", 0));
    nowNanos = 20;
    work(activation(TWICE, produced(TWICE), "c", 0));
    nowNanos = 30;
    work(activation(QUICK, produced(QUICK), "d", 0));

    assertThat(ledger.handoutTimes(QUICK, 10)).containsExactly(10, 30);
  }

  @Test
  void aQuestionOlderThanTheReport_mayHaveBeenAnsweredBeforeIt() {
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    Handout handout = requireNonNull(ledger.handedOut(activation, BROKER, nowNanos));
    nowNanos += QUICK.deadline().toNanos();
    long asked = nowNanos - 1;
    ledger.worked(handout);
    ledger.acknowledged(handout);
    ledger.handedOut(activation, BROKER, asked);

    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.DEADLINE_PASSED));
    assertThat(ledger.unexplained()).isEmpty();
  }

  @Test
  void tellsTheCourseOfWhatIsNotExplained() {
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    work(activation);
    nowNanos += Duration.ofSeconds(2).toNanos();
    ledger.handedOut(activation, BROKER, nowNanos);

    assertThat(ledger.unexplained())
        .containsExactly(
            "activation a (quick, attempt 0) repeated after_its_report: handed out at 0.000 s"
                + " by broker:1 (acknowledged at 0.000 s), handed out at 2.000 s by broker:1"
                + " (never acknowledged)");
  }

  @Test
  void aRetryThatKafkaHoldsTwice_explainsThatItRanTwice() {
    Label label = produced(TWICE);
    TaskActivation retry = activation(TWICE, label, "b", 1);
    work(activation(TWICE, label, "a", 0));
    ledger.retryRecord(retry);
    ledger.retryRecord(retry);
    work(retry);
    nowNanos++;
    work(retry);

    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.PUBLISHED_TWICE));
  }

  @Test
  void aRetryThatKafkaHoldsTwice_explainsThatAWorkerGotItAgain_whoHadAskedBeforeItsReport() {
    Label label = produced(TWICE);
    TaskActivation retry = activation(TWICE, label, "b", 1);
    work(activation(TWICE, label, "a", 0));
    ledger.retryRecord(retry);
    long asked = nowNanos;
    nowNanos++;
    work(retry);
    nowNanos++;
    ledger.handedOut(retry, BROKER, asked);
    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.BEFORE_ITS_DEADLINE));

    ledger.retryRecord(retry);
    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.PUBLISHED_TWICE));
  }

  @Test
  void oneFailureThatMadeTwoRetries_isNotExplained() {
    Label label = produced(TWICE);
    work(activation(TWICE, label, "a", 0));
    work(activation(TWICE, label, "b", 1));
    work(activation(TWICE, label, "c", 1));

    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.TWO_RETRIES));
  }

  @Test
  void whatWentToAnotherBrokerAndBack_isExplained_butNotWhatThatOneRepeatsAfterwards() {
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    work(activation, "first");
    work(activation, "second");
    nowNanos++;
    work(activation, "first");
    assertThat(ledger.account().repeated()).containsOnly(Map.entry(Repeat.BY_ANOTHER_BROKER, 2L));

    nowNanos++;
    work(activation, "first");
    assertThat(ledger.account().repeated()).contains(entry(Repeat.AFTER_ITS_REPORT));
  }

  @Test
  void anAtMostOnceTaskThatRanTwice_isThat_alsoUnderTwoIds() {
    TaskKind once = QUICK.retrying(1).onceAtMost();
    Label label = produced(once);
    work(activation(once, label, "b", 1));
    work(activation(once, label, "c", 1));

    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.AT_MOST_ONCE));
  }

  @Test
  void whileAClockIsWrong_nobodyIsBlamedForBeingEarly() {
    TaskKind delayed = TaskKind.quick("later").delayed(Duration.ofHours(1));
    Label before = produced(delayed);
    ledger.clockIsWrong();
    nowNanos++;
    ledger.clockIsRight();
    ledger.handedOut(activation(delayed, before, "a", 0), BROKER, 0);
    assertThat(ledger.complaints()).isEmpty();

    nowNanos++;
    ledger.handedOut(activation(delayed, produced(delayed), "b", 0), BROKER, 0);
    assertThat(ledger.complaints()).singleElement().asString().contains("activation b");
  }

  @Test
  void whatABrokerHandsOutAfterAStop_itMayHaveDecidedOnBefore() {
    long second = Duration.ofSeconds(1).toNanos();
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    ledger.brokerStops(BROKER);
    nowNanos += QUICK.deadline().toNanos();
    ledger.brokerGoesOn(BROKER);
    nowNanos += second;
    work(activation);
    nowNanos += second;
    ledger.handedOut(activation, BROKER, nowNanos);
    assertThat(ledger.account().repeated()).containsOnly(entry(Repeat.DEADLINE_PASSED));

    nowNanos += second;
    ledger.handedOut(activation, BROKER, nowNanos);
    assertThat(ledger.account().repeated()).containsKey(Repeat.AFTER_ITS_REPORT);
  }

  @Test
  void tellsTheCourseOfWhatHasNotEnded() {
    ledger.handedOut(activation(TWICE, produced(TWICE), "a", 0), "first", nowNanos);
    produced(QUICK);

    assertThat(ledger.unended(TWICE))
        .singleElement()
        .asString()
        .startsWith("task 0 (" + TWICE.taskname() + ") sent at 0.000 s")
        .contains("a attempt 0 handed out at 0.000 s by first (never acknowledged)");
  }

  @Test
  void complainsAboutWhatWasHandedOutTooEarlyOrTooLateOrUnderAnotherName() {
    TaskKind delayed = TaskKind.quick("later").delayed(Duration.ofHours(1));
    TaskKind expiring = TaskKind.quick("soon").expiring(Duration.ZERO);
    ledger.handedOut(activation(delayed, produced(delayed), "a", 0), BROKER, 0);
    ledger.handedOut(
        activation(expiring, produced(expiring), "b", 0).toBuilder()
            .setReceivedAt(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond() - 60))
            .build(),
        BROKER,
        0);
    ledger.handedOut(
        activation(QUICK, produced(QUICK), "c", 0).toBuilder().setTaskname("other").build(),
        BROKER,
        0);
    ledger.deadLetter(activation(QUICK, produced(QUICK), "d", 0));

    assertThat(ledger.complaints())
        .satisfiesExactly(
            text -> assertThat(text).contains("activation a", "before its delay"),
            text -> assertThat(text).contains("activation b", "expired"),
            text -> assertThat(text).contains("activation c", "'other'", "'quick'"),
            text -> assertThat(text).contains("activation d", "dead-letter topic"));
  }

  @Test
  void knowsTheTasksOfAnotherRunAsStrangers() {
    Label other = new Ledger().open(QUICK);

    assertThat(ledger.handedOut(activation(QUICK, other, "a", 0), BROKER, 0)).isNull();
    assertThat(ledger.handedOut(TaskActivation.getDefaultInstance(), BROKER, 0)).isNull();
    assertThat(ledger.strangers()).isEqualTo(2);
  }

  @Test
  void measuresFromTheSendToTheFirstWorker() {
    TaskActivation activation = activation(QUICK, produced(QUICK), "a", 0);
    nowNanos += Duration.ofMillis(3).toNanos();
    ledger.handedOut(activation, BROKER, nowNanos);
    nowNanos += Duration.ofSeconds(30).toNanos();
    ledger.handedOut(activation, BROKER, nowNanos);

    assertThat(ledger.latencyMicros().getTotalCount()).isEqualTo(1);
    assertThat(ledger.latencyMicros().getMaxValue()).isBetween(2_999L, 3_010L);
  }

  @Test
  void settlingForgetsStoriesAndKeepsSums() {
    TaskActivation first = activation(QUICK, produced(QUICK), "a", 0);
    work(first);
    produced(QUICK);
    ledger.settle();
    work(activation(QUICK, produced(QUICK), "c", 0));

    assertThat(ledger.account())
        .returns(3L, Account::produced)
        .returns(2L, Account::completed)
        .returns(1L, Account::open);
    assertThat(ledger.handedOut(first, BROKER, nowNanos)).isNull();
  }

  private Label produced(TaskKind kind) {
    Label label = ledger.open(kind);
    ledger.produced(label);
    return label;
  }

  private void work(TaskActivation activation) {
    work(activation, BROKER);
  }

  private void work(TaskActivation activation, String broker) {
    Handout handout = requireNonNull(ledger.handedOut(activation, broker, nowNanos));
    ledger.worked(handout);
    ledger.acknowledged(handout);
  }

  private static TaskActivation activation(TaskKind kind, Label label, String id, int attempt) {
    var activation =
        TaskActivation.newBuilder()
            .setId(id)
            .setTaskname(kind.taskname())
            .putAllHeaders(label.headers())
            .setReceivedAt(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
            .setRetryState(RetryState.newBuilder().setAttempts(attempt));
    if (kind.delay() != null) {
      activation.setDelay(kind.delay().toSeconds());
    }
    if (kind.expires() != null) {
      activation.setExpires(kind.expires().toSeconds());
    }
    return activation.build();
  }

  private static Map.Entry<Repeat, Long> entry(Repeat cause) {
    return Map.entry(cause, 1L);
  }
}
