package io.taskbroker.adapters.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.Dispatch.Wish;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What workers call. Nothing here blocks: requests are handled on the connection's thread, and
 * answered when the store has done its part.
 */
final class ConsumerEndpoint {
  private static final Status NOTHING_DUE =
      Status.NOT_FOUND.withDescription("No pending activations");

  private static final Status NOT_ASKED =
      Status.PERMISSION_DENIED.withDescription("Cannot call while broker is in PUSH mode");

  private final WorkerCall.Desk desk;
  private final Dispatch dispatch;
  private final UnknownReports unknown;

  ConsumerEndpoint(WorkerCall.Desk desk, UnknownReports unknown) {
    this.desk = desk;
    this.unknown = unknown;
    this.dispatch = desk.dispatch();
  }

  ServerServiceDefinition definition() {
    var definition = ServerServiceDefinition.builder(ConsumerServiceGrpc.SERVICE_NAME);
    desk.serve(definition, ConsumerServiceGrpc.getGetTaskMethod(), this::getTask);
    desk.serve(definition, ConsumerServiceGrpc.getSetTaskStatusMethod(), this::setTaskStatus);
    desk.serve(definition, ConsumerServiceGrpc.getSetBatchActivationStatusMethod(), this::setBatch);
    return definition.build();
  }

  private void getTask(byte[] bytes, WorkerCall call) throws InvalidProtocolBufferException {
    GetTaskRequest request = GetTaskRequest.parseFrom(bytes);
    if (dispatch.mode() == Dispatch.Mode.PUSH) {
      call.refuse(NOT_ASKED);
      return;
    }
    if (!call.hasRoom()) {
      call.refuse(NOTHING_DUE);
      return;
    }
    var wish =
        new Wish(
            request.hasApplication() ? request.getApplication() : null,
            request.hasNamespace() ? request.getNamespace() : null);
    call.answerWith(
        dispatch.next(wish, call),
        () -> "Unable to retrieve pending activation",
        task -> task.ifPresentOrElse(call::hand, () -> call.refuse(NOTHING_DUE)));
  }

  private void setTaskStatus(byte[] bytes, WorkerCall call) throws InvalidProtocolBufferException {
    SetTaskStatusRequest request = SetTaskStatusRequest.parseFrom(bytes);
    Status objection = Reports.objection(request);
    if (objection != null) {
      call.refuse(objection);
      return;
    }
    Report report = Reports.of(request);
    call.answerWith(
        dispatch.report(report, wishOf(request, call), call),
        () ->
            "Unable to update status of %s to %s"
                .formatted(Reports.quoted(report.id()), Reports.nameOf(request.getStatus())),
        concluded -> {
          unknown.count(concluded.known() ? 0 : 1, report.id());
          concluded.next().ifPresentOrElse(call::hand, call::acknowledge);
        });
  }

  private static @Nullable Wish wishOf(SetTaskStatusRequest request, WorkerCall call) {
    if (!request.hasFetchNextTask() || !call.hasRoom()) {
      return null;
    }
    FetchNextTask wish = request.getFetchNextTask();
    return new Wish(
        wish.hasApplication() ? wish.getApplication() : null,
        wish.hasNamespace() ? wish.getNamespace() : null);
  }

  private void setBatch(byte[] bytes, WorkerCall call) throws InvalidProtocolBufferException {
    List<Report> reports = new ArrayList<>();
    for (var update : SetBatchActivationStatusRequest.parseFrom(bytes).getUpdatesList()) {
      Status objection = Reports.objection(update);
      if (objection != null) {
        call.refuse(objection);
        return;
      }
      reports.add(Reports.inBatch(update));
    }
    if (reports.isEmpty()) {
      call.acknowledge();
      return;
    }
    call.answerWith(
        dispatch.reportAll(reports),
        () -> "Failed to set batch activation status",
        known -> {
          int last = known.lastIndexOf(false);
          if (last >= 0) {
            unknown.count(known.stream().filter(one -> !one).count(), reports.get(last).id());
          }
          call.acknowledge();
        });
  }
}
