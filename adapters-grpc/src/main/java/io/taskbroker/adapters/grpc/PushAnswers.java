package io.taskbroker.adapters.grpc;

import io.grpc.Status;
import io.taskbroker.application.push.WorkerGateway.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What the end of a call to a worker says about the task. */
final class PushAnswers {
  /** What gRPC's servers in C and Python, Go, Java and Rust say of a request above their limit. */
  private static final List<String> TOO_LARGE =
      List.of("message larger than max", "exceeds maximum size", "message length too large");

  /** What those in Python, Java and Rust say of one that they cannot read. */
  private static final List<String> UNREADABLE =
      List.of(
          "exception deserializing request",
          "invalid protobuf byte sequence",
          "failed to decode protobuf message");

  private PushAnswers() {}

  /**
   * @param left whether anything of the request may have left this process
   * @param answered whether the status came from a server
   * @param timeout of the call
   */
  static Answer of(Status status, boolean left, boolean answered, Duration timeout) {
    if (status.isOk()) {
      return new Answer.Accepted();
    }
    if (answered) {
      return answered(status);
    }
    return left
        ? new Answer.Unknown(reason(status, "no answer within " + timeout))
        : new Answer.Refused(reason(status, "no connection within " + timeout));
  }

  private static Answer answered(Status status) {
    String reason = words(status);
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED ->
          says(status, TOO_LARGE) ? new Answer.Undeliverable(reason) : new Answer.Busy();
      case OUT_OF_RANGE ->
          says(status, TOO_LARGE) ? new Answer.Undeliverable(reason) : new Answer.Declined(reason);
      case INTERNAL ->
          says(status, UNREADABLE) ? new Answer.Undeliverable(reason) : new Answer.Failed(reason);
      // It broke in the worker, which may have been after the task was queued.
      case UNKNOWN, ABORTED, DATA_LOSS -> new Answer.Failed(reason);
      // It broke off somewhere on its way.
      case CANCELLED, DEADLINE_EXCEEDED -> new Answer.Unknown(reason);
      case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS -> new Answer.Declined(reason);
      case UNAVAILABLE,
          UNIMPLEMENTED,
          UNAUTHENTICATED,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          OK ->
          new Answer.Refused(reason);
    };
  }

  private static boolean says(Status status, List<String> texts) {
    String description = String.valueOf(status.getDescription()).toLowerCase(Locale.ROOT);
    return texts.stream().anyMatch(description::contains);
  }

  /** The same words for the same reason: gRPC tells of each deadline how long it was. */
  private static String reason(Status status, String whenLate) {
    return status.getCode() == Status.Code.DEADLINE_EXCEEDED ? whenLate : words(status);
  }

  private static String words(Status status) {
    StringBuilder words = new StringBuilder(status.getCode().toString());
    if (status.getDescription() != null) {
      words.append(": ").append(status.getDescription());
    }
    Throwable cause = status.getCause();
    if (cause != null && cause.getMessage() != null) {
      words.append(" (").append(cause.getMessage()).append(')');
    }
    return words.toString();
  }
}
