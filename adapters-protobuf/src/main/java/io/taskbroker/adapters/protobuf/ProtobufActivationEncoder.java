package io.taskbroker.adapters.protobuf;

import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Writes payloads that are {@code TaskActivation} messages. Fields unknown to us are kept. */
public final class ProtobufActivationEncoder implements ActivationEncoder {
  /** 2³²-1, the most that the unsigned field can say. */
  private static final int MAX_ATTEMPTS = -1;

  @Override
  public byte[] withOverride(byte[] payload, RetryOverride override) {
    if (override.equals(RetryOverride.NONE)) {
      return payload;
    }
    TaskActivation activation = parse(payload);
    RetryState retryState = overridden(activation.getRetryState(), override);
    return retryState.equals(activation.getRetryState())
        ? payload
        : activation.toBuilder().setRetryState(retryState).build().toByteArray();
  }

  @Override
  public Retry nextAttempt(
      Activation activation, byte[] payload, RetryOverride override, long nowMs) {
    TaskActivation last = parse(payload);
    RetryState retryState = overridden(last.getRetryState(), override);
    String id = nextId(activation, retryState.getAttempts());
    TaskActivation.Builder next =
        last.toBuilder().setId(id).setReceivedAt(Timestamps.ofMillis(nowMs));
    if (last.hasRetryState() || !retryState.equals(last.getRetryState())) {
      next.setRetryState(retryState.toBuilder().setAttempts(oneMore(retryState.getAttempts())));
    }
    if (retryState.hasDelayOnRetry()) {
      next.setDelay(retryState.getDelayOnRetry());
    } else {
      next.clearDelay();
    }
    return new Retry(id, next.build().toByteArray());
  }

  @Override
  public int earlierAttempts(byte[] payload) {
    try {
      return TaskActivation.parseFrom(payload).getRetryState().getAttempts();
    } catch (InvalidProtocolBufferException e) {
      return 0; // what is left of a record that is no task
    }
  }

  private static RetryState overridden(RetryState retryState, RetryOverride override) {
    RetryState.Builder builder = retryState.toBuilder();
    if (override.maxAttempts() != null) {
      builder.setMaxAttempts(override.maxAttempts());
    }
    if (override.delayOnRetrySec() != null) {
      builder.setDelayOnRetry(override.delayOnRetrySec());
    }
    return builder.build();
  }

  /** The id comes last: it alone may contain the separator. */
  private static String nextId(Activation activation, int attempts) {
    String name =
        String.join(
            "\0",
            activation.partition().topic(),
            Integer.toString(activation.partition().number()),
            Long.toString(activation.offset()),
            Integer.toUnsignedString(attempts),
            activation.id());
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static int oneMore(int attempts) {
    return attempts == MAX_ATTEMPTS ? attempts : attempts + 1;
  }

  private static TaskActivation parse(byte[] payload) {
    try {
      return TaskActivation.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the payload is not a TaskActivation", e);
    }
  }
}
