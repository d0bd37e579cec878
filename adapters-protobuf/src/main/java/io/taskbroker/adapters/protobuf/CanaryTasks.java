package io.taskbroker.adapters.protobuf;

import com.google.protobuf.ByteString;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.proto.v1.TaskActivation;
import java.util.UUID;

/**
 * Tasks that no producer has sent: every worker has one to do nothing with, so that they show
 * whether work gets through.
 */
public final class CanaryTasks {
  private static final String NAMESPACE = "internal";
  private static final String TASKNAME = "canary_task";
  private static final int DEADLINE_SEC = 10;

  /** No topic of Kafka is called so: nothing waits for the commit of an offset of it. */
  private static final Partition NOWHERE = new Partition("", 0);

  /** msgpack of {@code {"args": [], "kwargs": {}}}. */
  private static final ByteString NO_ARGUMENTS =
      ByteString.fromHex("82a46172677390a66b776172677380");

  private CanaryTasks() {}

  /**
   * A new one.
   *
   * @param number stands for its offset
   * @param nowMs Unix milliseconds
   */
  public static NewActivation make(String application, long number, long nowMs) {
    String id = UUID.randomUUID().toString();
    byte[] payload =
        TaskActivation.newBuilder()
            .setId(id)
            .setApplication(application)
            .setNamespace(NAMESPACE)
            .setTaskname(TASKNAME)
            .setParametersBytes(NO_ARGUMENTS)
            .setProcessingDeadlineDuration(DEADLINE_SEC)
            .setReceivedAt(Timestamps.ofMillis(nowMs))
            .build()
            .toByteArray();
    var activation =
        new Activation(
            id,
            application,
            NAMESPACE,
            TASKNAME,
            NOWHERE,
            number,
            nowMs,
            nowMs,
            null,
            null,
            DEADLINE_SEC,
            Delivery.AT_LEAST_ONCE,
            OnAttemptsExceeded.DISCARD,
            payload.length,
            null);
    return new NewActivation(activation, payload);
  }
}
