package io.taskbroker.adapters.grpc;

import io.grpc.Status;
import io.taskbroker.application.push.WorkerGateway.Answer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What the end of a call to a worker says about the task.
 *
 * <p>A <em>no</em> is only what the connection proves (never sent, REFUSED_STREAM, a GOAWAY below
 * the stream) or what the workers' contract defines (RESOURCE_EXHAUSTED: no room; UNAUTHENTICATED:
 * the signature is wrong, and no handler was invoked). Any other status may come from a worker that
 * has the task, or from a proxy before it that lost sight of it.
 */
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

  /**
   * How grpc-java begins the descriptions of streams that its peer has certainly not looked at: a
   * RST_STREAM with REFUSED_STREAM (RFC 9113, 8.7), and a GOAWAY whose last stream is an earlier
   * one (6.8). The words come from the client alone, since no trailers came.
   */
  private static final List<String> NOT_PROCESSED =
      List.of(
          "RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM",
          "Abrupt GOAWAY closed sent stream",
          "Abrupt GOAWAY closed unsent stream");

  /** How grpc-java describes the calls that {@code shutdownNow} ends. */
  private static final String ENDED_BY_US = "Channel shutdownNow invoked";

  /** Before what grpc-java adds: the parts of its connection, which tell an operator nothing. */
  private static final String PARTS = "\nChannel Pipeline: ";

  private PushAnswers() {}

  /**
   * How far a call got.
   *
   * @param begun a ready connection has been given the request
   * @param left the request's first bytes were handed to the network
   * @param answered the status came in trailers: a worker, or a proxy before it, sent it
   */
  record Reach(boolean begun, boolean left, boolean answered) {}

  /**
   * @param timeout of the call
   */
  static Answer of(Status status, Reach reach, Duration timeout) {
    if (status.isOk()) {
      return new Answer.Accepted();
    }
    if (reach.answered()) {
      return answered(status);
    }
    if (isNeverSent(status, reach) || isNotProcessed(status)) {
      return new Answer.Refused(reason(status, "no connection within " + timeout));
    }
    return new Answer.Unknown(reason(status, "no answer within " + timeout));
  }

  private static Answer answered(Status status) {
    String reason = words(status);
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED ->
          says(status, TOO_LARGE) ? new Answer.Undeliverable(reason) : new Answer.Busy();
      case UNAUTHENTICATED -> new Answer.Refused(reason);
      case OUT_OF_RANGE ->
          says(status, TOO_LARGE) ? new Answer.Undeliverable(reason) : new Answer.Failed(reason);
      case INTERNAL ->
          says(status, UNREADABLE) ? new Answer.Undeliverable(reason) : new Answer.Failed(reason);
      // About this task. It may have been said after the task was queued.
      case UNKNOWN, ABORTED, DATA_LOSS, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS ->
          new Answer.Failed(reason);
      // About the worker or the way to it. Proxies say so of requests that they have delivered.
      case UNAVAILABLE,
          CANCELLED,
          DEADLINE_EXCEEDED,
          UNIMPLEMENTED,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          OK ->
          new Answer.Unknown(reason);
    };
  }

  /**
   * A request that was begun and has not left waits in the connection's buffers. If the connection
   * breaks it is lost with them. If we gave it up, what is in the buffers may still be sent.
   */
  private static boolean isNeverSent(Status status, Reach reach) {
    if (!reach.begun()) {
      return true;
    }
    return !reach.left()
        && status.getCode() == Status.Code.UNAVAILABLE
        && !description(status).startsWith(ENDED_BY_US);
  }

  private static boolean isNotProcessed(Status status) {
    return NOT_PROCESSED.stream().anyMatch(description(status)::startsWith);
  }

  private static boolean says(Status status, List<String> texts) {
    String description = description(status).toLowerCase(Locale.ROOT);
    return texts.stream().anyMatch(description::contains);
  }

  private static String description(Status status) {
    return String.valueOf(status.getDescription());
  }

  /** The same words for the same reason: gRPC tells of each deadline how long it was. */
  private static String reason(Status status, String whenLate) {
    return status.getCode() == Status.Code.DEADLINE_EXCEEDED ? whenLate : words(status);
  }

  private static String words(Status status) {
    StringBuilder words = new StringBuilder(status.getCode().toString());
    if (status.getDescription() != null) {
      words.append(": ").append(status.getDescription().split(PARTS, 2)[0]);
    }
    Throwable cause = status.getCause() == null ? null : telling(status.getCause());
    if (cause != null && cause.getMessage() != null) {
      words.append(" (").append(cause.getMessage()).append(')');
    }
    return words.toString();
  }

  /** What is wrong with a certificate stands below what that came to. */
  private static Throwable telling(Throwable cause) {
    Throwable deepest = cause;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest instanceof GeneralSecurityException ? deepest : cause;
  }
}
