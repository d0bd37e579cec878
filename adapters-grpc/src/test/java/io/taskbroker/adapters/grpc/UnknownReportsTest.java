package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import org.junit.jupiter.api.Test;

/** Late reports are no news to a worker; a person looks for them in the log. */
class UnknownReportsTest {
  @Test
  void manyUnknownReports_areTold_once_withOneOfThem() {
    try (var log = new CapturedLog("taskbroker::grpc::server");
        var broker = new TestServer(GrpcServerLimits.DEFAULT, new SettableTime())) {
      var worker = broker.worker();
      for (int i = 0; i < 100; i++) {
        var _ = worker.setTaskStatus(report("gone-" + i));
        var _ =
            worker.setBatchActivationStatus(
                SetBatchActivationStatusRequest.newBuilder()
                    .addUpdates(report("late-" + i))
                    .build());
      }

      assertThat(log.lines())
          .filteredOn(line -> line.contains("not stored here"))
          .singleElement()
          .asString()
          .startsWith("1 reports")
          .contains("\"gone-0\"");
    }
  }

  private static SetTaskStatusRequest report(String id) {
    return SetTaskStatusRequest.newBuilder()
        .setId(id)
        .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
        .build();
  }
}
