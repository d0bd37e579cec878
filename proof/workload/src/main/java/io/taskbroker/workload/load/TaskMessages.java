package io.taskbroker.workload.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.OnAttemptsExceeded;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Instant;
import java.util.UUID;

/** Builds activations as applications do. */
public final class TaskMessages {
  private final String application;
  private final String namespace;
  private final ByteString parameters;

  /**
   * @param application that owns the tasks
   * @param payloadBytes of parameters, which nobody reads
   */
  public TaskMessages(String application, int payloadBytes) {
    this(application, "proving", ByteString.copyFrom(new byte[payloadBytes]));
  }

  /**
   * @param parameters of every task
   */
  public TaskMessages(String application, String namespace, ByteString parameters) {
    this.application = application;
    this.namespace = namespace;
    this.parameters = parameters;
  }

  /** A first attempt, received now. */
  public TaskActivation of(TaskKind kind, Label label) {
    Instant now = Instant.now();
    var activation =
        TaskActivation.newBuilder()
            .setId(UUID.randomUUID().toString())
            .setApplication(application)
            .setNamespace(namespace)
            .setTaskname(kind.taskname())
            .putAllHeaders(label.headers())
            .setReceivedAt(
                Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
            .setRetryState(retryState(kind))
            .setProcessingDeadlineDuration(kind.deadline().toSeconds())
            .setParametersBytes(parameters);
    if (kind.delay() != null) {
      activation.setDelay(kind.delay().toSeconds());
    }
    if (kind.expires() != null) {
      activation.setExpires(kind.expires().toSeconds());
    }
    return activation.build();
  }

  private static RetryState retryState(TaskKind kind) {
    return RetryState.newBuilder()
        .setMaxAttempts(kind.retries() + 1)
        .setAtMostOnce(kind.atMostOnce())
        .setOnAttemptsExceeded(
            kind.ending() == Ending.DEAD_LETTER
                ? OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER
                : OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DISCARD)
        .build();
  }
}
