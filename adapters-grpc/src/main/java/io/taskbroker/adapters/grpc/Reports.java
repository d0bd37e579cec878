package io.taskbroker.adapters.grpc;

import io.grpc.Status;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import org.jspecify.annotations.Nullable;

/** Reports of workers, from the wire's words into ours. */
final class Reports {
  /** Statuses travel in headers, whose size clients limit to 8 KiB; ids may have megabytes. */
  private static final int MAX_QUOTED = 256;

  private Reports() {}

  /** Why the broker does not take the report; null if it does. */
  static @Nullable Status objection(SetTaskStatusRequest request) {
    return switch (request.getStatus()) {
      case TASK_ACTIVATION_STATUS_FAILURE,
          TASK_ACTIVATION_STATUS_RETRY,
          TASK_ACTIVATION_STATUS_COMPLETE ->
          null;
      case TASK_ACTIVATION_STATUS_UNSPECIFIED,
          TASK_ACTIVATION_STATUS_PENDING,
          TASK_ACTIVATION_STATUS_PROCESSING ->
          Status.INVALID_ARGUMENT.withDescription(
              "Invalid status, expects 3 (Failure), 4 (Retry), or 5 (Complete), but got: "
                  + nameOf(request.getStatus()));
      case UNRECOGNIZED ->
          Status.INVALID_ARGUMENT.withDescription(
              "Unable to deserialize status: UnknownEnumValue(" + request.getStatusValue() + ")");
    };
  }

  static Report of(SetTaskStatusRequest request) {
    var override =
        new RetryOverride(
            request.hasMaxAttempts() ? request.getMaxAttempts() : null,
            request.hasDelayOnRetry() ? request.getDelayOnRetry() : null);
    return new Report(request.getId(), conclusionOf(request.getStatus()), override);
  }

  /** In a batch only retries may change the retry state. */
  static Report inBatch(SetTaskStatusRequest request) {
    Report report = of(request);
    return switch (report.conclusion()) {
      case RETRY -> report;
      case COMPLETE, FAILURE -> new Report(report.id(), report.conclusion(), RetryOverride.NONE);
    };
  }

  /** The name of a status, as clients read it in our messages. */
  static String nameOf(TaskActivationStatus status) {
    return switch (status) {
      case TASK_ACTIVATION_STATUS_UNSPECIFIED -> "Unspecified";
      case TASK_ACTIVATION_STATUS_PENDING -> "Pending";
      case TASK_ACTIVATION_STATUS_PROCESSING -> "Processing";
      case TASK_ACTIVATION_STATUS_FAILURE -> "Failure";
      case TASK_ACTIVATION_STATUS_RETRY -> "Retry";
      case TASK_ACTIVATION_STATUS_COMPLETE -> "Complete";
      case UNRECOGNIZED -> "Unrecognized";
    };
  }

  static String quoted(String id) {
    return '"' + (id.length() <= MAX_QUOTED ? id : id.substring(0, MAX_QUOTED) + "…") + '"';
  }

  private static Conclusion conclusionOf(TaskActivationStatus status) {
    return switch (status) {
      case TASK_ACTIVATION_STATUS_COMPLETE -> Conclusion.COMPLETE;
      case TASK_ACTIVATION_STATUS_FAILURE -> Conclusion.FAILURE;
      case TASK_ACTIVATION_STATUS_RETRY -> Conclusion.RETRY;
      case TASK_ACTIVATION_STATUS_UNSPECIFIED,
          TASK_ACTIVATION_STATUS_PENDING,
          TASK_ACTIVATION_STATUS_PROCESSING,
          UNRECOGNIZED ->
          throw new IllegalArgumentException(status + " is nothing that a worker reports");
    };
  }
}
