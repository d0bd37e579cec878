package io.taskbroker.proving.shared;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.shared.Disturbance.Manner;
import io.taskbroker.workload.ledger.Handout;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatReasonsTest {
  /** Its deadline has passed whenever it is handed out again. */
  private static final TaskKind OVERDUE = TaskKind.quick("overdue").within(Duration.ZERO);

  private static final TaskKind LONG = TaskKind.quick("long").within(Duration.ofHours(1));

  private final Ledger ledger = new Ledger();

  private RepeatReasons reasons(Disturbance... disturbances) {
    return RepeatReasons.of(ledger.repetitions(), List.of(disturbances));
  }

  private TaskActivation activation(TaskKind kind, int attempt) {
    Label label = ledger.open(kind);
    ledger.produced(label);
    return TaskActivation.newBuilder()
        .setId("one")
        .setTaskname(kind.taskname())
        .putAllHeaders(label.headers())
        .setRetryState(RetryState.newBuilder().setAttempts(attempt))
        .build();
  }

  private Handout handOut(TaskActivation activation, String broker) {
    return requireNonNull(ledger.handedOut(activation, broker, System.nanoTime()));
  }

  @Test
  void withinItsDeadline_noRepeatIsExplained() {
    TaskActivation task = activation(LONG, 0);
    handOut(task, "a");
    handOut(task, "b");

    assertThat(reasons().unexplained()).singleElement().asString().contains("by a", "by b");
    assertThat(reasons().counts()).isEmpty();
  }

  @Test
  void afterItsDeadline_theReasonNamesWhatWasDoneToABrokerMeanwhile() {
    TaskActivation task = activation(OVERDUE, 0);
    long from = System.nanoTime();
    handOut(task, "a");
    handOut(task, "b");
    long until = System.nanoTime();

    assertThat(reasons().counts()).containsEntry("lease_over_undisturbed", 1L);
    assertThat(reasons(new Disturbance(Manner.KILLED, "a", from, until)).counts())
        .containsEntry("lease_over_killed", 1L);
    assertThat(reasons(new Disturbance(Manner.KILLED, "c", from, until)).counts())
        .containsEntry("lease_over_undisturbed", 1L);
    assertThat(reasons(new Disturbance(Manner.KILLED, "a", from - 9, from - 1)).counts())
        .containsEntry("lease_over_undisturbed", 1L);
  }

  @Test
  void anAnswerThatAFrozenBrokerHeldBack_mayBeHeardAfterTheOneThatFollowedIt() {
    TaskKind kind = TaskKind.quick("held").within(Duration.ofSeconds(5));
    TaskActivation task = activation(kind, 0);
    long stopped = System.nanoTime() - Duration.ofSeconds(6).toNanos();
    handOut(task, "b");
    ledger.handedOut(task, "a", stopped);

    assertThat(reasons(new Disturbance(Manner.FROZEN, "a", stopped, System.nanoTime())).counts())
        .containsEntry("lease_over_frozen", 1L);
  }

  @Test
  void afterAnAcknowledgedReport_onlyASecondRecordIsAReason() {
    TaskActivation task = activation(OVERDUE, 1);
    ledger.acknowledged(handOut(task, "a"));
    handOut(task, "b");
    ledger.retryRecord(task);

    assertThat(reasons().unexplained()).hasSize(1);

    ledger.retryRecord(task);

    assertThat(reasons().unexplained()).isEmpty();
    assertThat(reasons().counts()).containsEntry("published_twice", 1L);
  }

  @Test
  void noRepeatOfAnAtMostOnceTaskIsExplained() {
    TaskActivation task = activation(OVERDUE.onceAtMost(), 0);
    handOut(task, "a");
    handOut(task, "b");

    assertThat(reasons().unexplained()).hasSize(1);
  }
}
