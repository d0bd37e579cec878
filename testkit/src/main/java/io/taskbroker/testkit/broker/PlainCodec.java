package io.taskbroker.testkit.broker;

import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.RetryOverride;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads and writes {@link PlainTask}s. Safe for all threads. */
public final class PlainCodec implements ActivationDecoder, ActivationEncoder {
  private static final byte[] NOTHING = {};

  @Override
  public Decoded decode(SourceRecord record, long nowMs) {
    byte[] value = record.value();
    if (value == null) {
      return new Decoded.Bad("a tombstone is no task", NOTHING);
    }
    PlainTask task = PlainTask.decode(value).orElse(null);
    return task == null
        ? new Decoded.Bad("the value is no task", value)
        : new Decoded.Task(facts(task, record, value, nowMs), value, false);
  }

  private static Activation facts(PlainTask task, SourceRecord record, byte[] value, long nowMs) {
    return new Activation(
        task.id(),
        task.application(),
        task.namespace(),
        task.taskname(),
        record.partition(),
        record.offset(),
        task.receivedAtMs(),
        nowMs,
        task.expiresAtMs(),
        task.delayUntilMs(),
        task.processingDeadlineSec(),
        task.delivery(),
        task.onAttemptsExceeded(),
        value.length,
        null);
  }

  @Override
  public byte[] withOverride(byte[] payload, RetryOverride override) {
    if (override.equals(RetryOverride.NONE)) {
      return payload;
    }
    PlainTask task = task(payload);
    return attempt(
            task, task.id(), task.receivedAtMs(), task.delayUntilMs(), task.attempts(), override)
        .encode();
  }

  @Override
  public Retry nextAttempt(
      Activation activation, byte[] payload, RetryOverride override, long nowMs) {
    PlainTask task = task(payload);
    String seed =
        task.id()
            + "/"
            + task.attempts()
            + "/"
            + activation.partition()
            + "/"
            + activation.offset();
    String id = UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)).toString();
    Long delaySec = delayOnRetry(task, override);
    Long delayUntilMs = delaySec == null ? null : Long.valueOf(nowMs + delaySec * 1_000);
    return new Retry(
        id, attempt(task, id, nowMs, delayUntilMs, task.attempts() + 1, override).encode());
  }

  private static PlainTask attempt(
      PlainTask task,
      String id,
      long receivedAtMs,
      @Nullable Long delayUntilMs,
      int attempts,
      RetryOverride override) {
    Long expiresAtMs = task.expiresAtMs();
    return new PlainTask(
        id,
        task.application(),
        task.namespace(),
        task.taskname(),
        receivedAtMs,
        expiresAtMs == null ? null : Long.valueOf(expiresAtMs + receivedAtMs - task.receivedAtMs()),
        delayUntilMs,
        task.processingDeadlineSec(),
        task.delivery(),
        task.onAttemptsExceeded(),
        attempts,
        override.maxAttempts() == null ? task.maxAttempts() : override.maxAttempts(),
        delayOnRetry(task, override),
        task.body());
  }

  private static @Nullable Long delayOnRetry(PlainTask task, RetryOverride override) {
    return override.delayOnRetrySec() == null ? task.delayOnRetrySec() : override.delayOnRetrySec();
  }

  private static PlainTask task(byte[] payload) {
    return PlainTask.decode(payload)
        .orElseThrow(() -> new IllegalArgumentException("the payload is no task"));
  }
}
