package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceBlockingStub;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What workers can call while the broker calls them. */
class PushModeTest {
  private final TestServer broker = new TestServer(GrpcServerLimits.DEFAULT, Dispatch.Mode.PUSH);
  private final ConsumerServiceBlockingStub worker = broker.worker();

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  @DisplayName("8.1 GetTask: not allowed while the broker pushes")
  void getTask_isDenied() {
    broker.add("a");

    assertThatThrownBy(() -> worker.getTask(GetTaskRequest.getDefaultInstance()))
        .hasMessage("PERMISSION_DENIED: Cannot call while broker is in PUSH mode");
    assertThat(broker.store.due()).containsExactly("a");
  }

  @Test
  @DisplayName("8.1 SetTaskStatus: no next task comes with a report while the broker pushes")
  void setTaskStatus_bringsNoNextTask() {
    broker.add("a");
    SetTaskStatusRequest report =
        complete("b").toBuilder().setFetchNextTask(FetchNextTask.getDefaultInstance()).build();

    assertThat(worker.setTaskStatus(report).hasTask()).isFalse();
    assertThat(broker.store.due()).containsExactly("a");
    assertThat(broker.store.reports()).extracting(Report::id).containsExactly("b");
  }

  @Test
  @DisplayName("8.1 batch: works while the broker pushes, too")
  void setBatchActivationStatus_works() {
    worker.setBatchActivationStatus(
        SetBatchActivationStatusRequest.newBuilder()
            .addUpdates(complete("a"))
            .addUpdates(complete("b"))
            .build());

    assertThat(broker.store.reports()).extracting(Report::id).containsExactly("a", "b");
  }

  private static SetTaskStatusRequest complete(String id) {
    return SetTaskStatusRequest.newBuilder()
        .setId(id)
        .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
        .build();
  }
}
