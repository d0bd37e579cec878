package io.taskbroker.workload.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.WorkerSettings.Unheard;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final TaskKind QUICK = TaskKind.quick("quick");
  private static final TaskKind SLOW = TaskKind.quick("slow").working(Duration.ofMillis(30));
  private static final TaskKind TWICE = TaskKind.quick("twice").retrying(1);
  private static final TaskKind DEAD = TaskKind.quick("dead").ending(Ending.DEAD_LETTER);

  private final Ledger ledger = new Ledger();
  private StubBroker broker;

  @BeforeEach
  void listen() throws IOException {
    broker = new StubBroker();
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void doEachTaskAsItsKindSays() {
    broker.tasks.add(activation(QUICK, 0));
    broker.tasks.add(activation(SLOW, 0));
    broker.tasks.add(activation(TWICE, 0));
    broker.tasks.add(activation(TWICE, 1));
    broker.tasks.add(activation(DEAD, 0));
    broker.tasks.add(TaskActivation.newBuilder().setId("stranger-0").build());

    work(Unheard.REPEAT, 6);

    assertThat(broker.reports)
        .extracting(report -> report.getId() + " " + report.getStatus().getNumber())
        .containsExactlyInAnyOrder(
            "quick-0 " + TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE_VALUE,
            "slow-0 " + TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE_VALUE,
            "twice-0 " + TaskActivationStatus.TASK_ACTIVATION_STATUS_RETRY_VALUE,
            "twice-1 " + TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE_VALUE,
            "dead-0 " + TaskActivationStatus.TASK_ACTIVATION_STATUS_FAILURE_VALUE,
            "stranger-0 " + TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE_VALUE);
    assertThat(ledger.account().handedOut()).isEqualTo(5);
    assertThat(ledger.strangers()).isEqualTo(1);
  }

  @Test
  void fetchTheNextTaskWithTheReport() {
    for (int i = 0; i < 500; i++) {
      broker.tasks.add(activation(QUICK, 0));
    }

    work(Unheard.REPEAT, 500);

    assertThat(broker.reports)
        .filteredOn(SetTaskStatusRequest::hasFetchNextTask)
        .hasSizeGreaterThan(400);
    assertThat(ledger.account().completed()).isEqualTo(500);
    assertThat(ledger.unfinished()).isZero();
  }

  @Test
  void repeatAReportUntilItIsHeard() {
    broker.deaf.set(3);
    broker.tasks.add(activation(QUICK, 0));

    work(Unheard.REPEAT, 1);

    assertThat(broker.reports).hasSize(1);
  }

  @Test
  void forgetAReportThatWasNotHeard() {
    broker.deaf.set(1);
    broker.tasks.add(activation(QUICK, 0));
    broker.tasks.add(activation(SLOW, 0));

    work(Unheard.FORGET, 1);

    assertThat(broker.reports).hasSize(1);
    assertThat(ledger.account().handedOut()).isEqualTo(2);
  }

  private void work(Unheard unheard, int reports) {
    var settings = WorkerSettings.at(broker.address(), 4, 2).whenUnheard(unheard);
    try (var workers = Workers.start(settings, List.of(QUICK, SLOW, TWICE, DEAD), ledger)) {
      Waiting.until(reports + " reports came", PATIENCE, () -> broker.reports.size() >= reports);
      assertThat(workers.callMicros().getTotalCount()).isPositive();
    }
  }

  private TaskActivation activation(TaskKind kind, int attempt) {
    Label label = ledger.open(kind);
    ledger.produced(label);
    return TaskActivation.newBuilder()
        .setId(kind.taskname() + "-" + attempt)
        .setTaskname(kind.taskname())
        .putAllHeaders(label.headers())
        .setRetryState(RetryState.newBuilder().setAttempts(attempt))
        .build();
  }
}
