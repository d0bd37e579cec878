package io.taskbroker.adapters.protobuf;

import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.application.letters.LetterCodec;
import io.taskbroker.proto.v1.TaskActivation;
import java.util.Optional;

/** Reads and renews dead letters that are {@code TaskActivation} messages. */
public final class ProtobufLetters implements LetterCodec {
  @Override
  public Optional<Names> names(byte[] payload) {
    try {
      TaskActivation task = TaskActivation.parseFrom(payload);
      return task.getId().isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Names(
                  task.getId(), task.getApplication(), task.getNamespace(), task.getTaskname()));
    } catch (InvalidProtocolBufferException _) {
      return Optional.empty();
    }
  }

  /** Fields unknown to us are kept. */
  @Override
  public byte[] fresh(byte[] payload, String id, long nowMs) {
    try {
      TaskActivation last = TaskActivation.parseFrom(payload);
      TaskActivation.Builder next =
          last.toBuilder().setId(id).setReceivedAt(Timestamps.ofMillis(nowMs)).clearDelay();
      if (last.hasRetryState()) {
        next.setRetryState(last.getRetryState().toBuilder().clearAttempts());
      }
      return next.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the payload is not a TaskActivation", e);
    }
  }
}
