package io.taskbroker.proving.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.python.Fate.Range;
import java.util.List;
import org.junit.jupiter.api.Test;

class FateTest {
  private static final Range ONCE = Range.exactly(1);
  private static final Range AT_MOST_ONCE = new Range(0, 1);
  private static final Fate MAIL = Fate.of("mail", 2, "runs once", ONCE, ONCE);

  private final TopicCounts counts = new TopicCounts();

  private static TaskActivation mail(int attempts) {
    return TaskActivation.newBuilder()
        .setTaskname("mail")
        .setRetryState(RetryState.newBuilder().setAttempts(attempts))
        .build();
  }

  private void send(int tasks) {
    for (int i = 0; i < tasks; i++) {
      counts.task(mail(0));
    }
  }

  @Test
  void hasNothingToComplainOfIfAllIsAsPromised() {
    send(2);
    RunLog runs = RunLog.of(List.of("ran mail 0", "done mail 0", "ran mail 1", "done mail 1"));

    assertThat(MAIL.complaints(runs, counts)).isEmpty();
    assertThat(MAIL.line(runs, counts))
        .contains("runs once")
        .endsWith("sent=2 runs=2 ended=2 retries=0 dead_letters=0");
  }

  @Test
  void complainsOfEachTaskAndNotOfTheirSum() {
    send(2);
    RunLog runs = RunLog.of(List.of("ran mail 0", "done mail 0", "ran mail 0", "done mail 0"));

    assertThat(MAIL.complaints(runs, counts))
        .contains(
            "mail 0 should run 1 times, has run 2 times",
            "mail 1 should run 1 times, has run 0 times");
  }

  @Test
  void complainsOfASecondRunOfWhatMayRunOnce() {
    send(2);
    Fate bill = Fate.of("mail", 2, "at most once", AT_MOST_ONCE, AT_MOST_ONCE);

    assertThat(bill.complaints(RunLog.of(List.of("ran mail 1")), counts)).isEmpty();
    assertThat(bill.complaints(RunLog.of(List.of("ran mail 1", "ran mail 1")), counts))
        .containsExactly("mail 1 should run 0 to 1 times, has run 2 times");
  }

  @Test
  void complainsOfRetriesAndDeadLettersThatWereNotPromised() {
    send(2);
    counts.task(mail(1));
    counts.deadLetter(mail(1));
    RunLog runs = RunLog.of(List.of("ran mail 0", "done mail 0", "ran mail 1", "done mail 1"));

    assertThat(MAIL.complaints(runs, counts))
        .containsExactly(
            "retries of mail should be 0, are 1", "dead letters of mail should be 0, are 1");
  }

  @Test
  void complainsOfRetriesAndDeadLettersThatAreMissing() {
    send(2);
    RunLog runs = RunLog.of(List.of("ran mail 0", "done mail 0", "ran mail 1", "done mail 1"));

    assertThat(MAIL.retriedTimes(3).thenDeadLetter().complaints(runs, counts))
        .containsExactly(
            "retries of mail should be 6, are 0", "dead letters of mail should be 2, are 0");
  }

  @Test
  void keepsWhatTasksFoundWrong() {
    assertThat(RunLog.of(List.of("ran mail 0", "wrong mail 0 was given 7")).complaints())
        .containsExactly("wrong mail 0 was given 7");
  }
}
