package io.taskbroker.testkit.broker;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task as the fixture's producers write it: the facts of an activation in a plain binary form, so
 * that a test needs no protobuf.
 *
 * @param expiresAtMs Unix milliseconds; null for never
 * @param delayUntilMs Unix milliseconds; null for at once
 * @param attempts how often it has been retried
 * @param maxAttempts null unless a worker has said
 * @param delayOnRetrySec null unless a worker has said
 * @param body what the worker gets to see besides
 */
public record PlainTask(
    String id,
    String application,
    String namespace,
    String taskname,
    long receivedAtMs,
    @Nullable Long expiresAtMs,
    @Nullable Long delayUntilMs,
    int processingDeadlineSec,
    Delivery delivery,
    OnAttemptsExceeded onAttemptsExceeded,
    int attempts,
    @Nullable Integer maxAttempts,
    @Nullable Long delayOnRetrySec,
    byte[] body) {
  private static final int MAGIC = 0x7461736B;

  /** The facts of an activation that nobody has tried yet. */
  public static PlainTask of(Activation facts, byte[] body) {
    return new PlainTask(
        facts.id(),
        facts.application(),
        facts.namespace(),
        facts.taskname(),
        facts.receivedAtMs(),
        facts.expiresAtMs(),
        facts.delayUntilMs(),
        facts.processingDeadlineSec(),
        facts.delivery(),
        facts.onAttemptsExceeded(),
        0,
        null,
        null,
        body);
  }

  /** The value of a record. */
  public byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeUTF(id);
      out.writeUTF(application);
      out.writeUTF(namespace);
      out.writeUTF(taskname);
      out.writeLong(receivedAtMs);
      writeLong(out, expiresAtMs);
      writeLong(out, delayUntilMs);
      out.writeInt(processingDeadlineSec);
      out.writeUTF(delivery.name());
      out.writeUTF(onAttemptsExceeded.name());
      out.writeInt(attempts);
      writeLong(out, maxAttempts == null ? null : Long.valueOf(maxAttempts));
      writeLong(out, delayOnRetrySec);
      out.writeInt(body.length);
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  private static void writeLong(DataOutputStream out, @Nullable Long value) throws IOException {
    out.writeBoolean(value != null);
    out.writeLong(value == null ? 0 : value);
  }

  /** The task of a record's value; empty if it is none. */
  public static Optional<PlainTask> decode(byte[] value) {
    try (var in = new DataInputStream(new ByteArrayInputStream(value))) {
      return in.readInt() == MAGIC ? Optional.of(read(in)) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static PlainTask read(DataInputStream in) throws IOException {
    return new PlainTask(
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readLong(),
        readLong(in),
        readLong(in),
        in.readInt(),
        Delivery.valueOf(in.readUTF()),
        OnAttemptsExceeded.valueOf(in.readUTF()),
        in.readInt(),
        asInt(readLong(in)),
        readLong(in),
        in.readNBytes(in.readInt()));
  }

  private static @Nullable Long readLong(DataInputStream in) throws IOException {
    boolean present = in.readBoolean();
    long value = in.readLong();
    return present ? value : null;
  }

  private static @Nullable Integer asInt(@Nullable Long value) {
    return value == null ? null : Math.toIntExact(value);
  }
}
