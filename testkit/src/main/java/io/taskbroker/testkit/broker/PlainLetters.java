package io.taskbroker.testkit.broker;

import io.taskbroker.application.letters.LetterCodec;
import java.util.Optional;

/** Reads and renews dead letters that are {@link PlainTask}s. */
public final class PlainLetters implements LetterCodec {
  @Override
  public Optional<Names> names(byte[] payload) {
    return PlainTask.decode(payload)
        .map(task -> new Names(task.id(), task.application(), task.namespace(), task.taskname()));
  }

  @Override
  public byte[] fresh(byte[] payload, String id, long nowMs) {
    PlainTask task =
        PlainTask.decode(payload)
            .orElseThrow(() -> new IllegalArgumentException("the payload is no task"));
    return new PlainTask(
            id,
            task.application(),
            task.namespace(),
            task.taskname(),
            nowMs,
            task.expiresAtMs(),
            null,
            task.processingDeadlineSec(),
            task.delivery(),
            task.onAttemptsExceeded(),
            0,
            task.maxAttempts(),
            task.delayOnRetrySec(),
            task.body())
        .encode();
  }
}
