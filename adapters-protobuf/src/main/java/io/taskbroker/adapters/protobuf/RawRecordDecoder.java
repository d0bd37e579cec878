package io.taskbroker.adapters.protobuf;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.UUID;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/**
 * Makes each record of a raw topic the only argument of one and the same task.
 *
 * <p>The id follows from the record's place, so a record that is read again is no second task.
 */
public final class RawRecordDecoder implements ActivationDecoder {
  private static final byte[] NOTHING = {};

  private final RawTopicSettings task;
  private final ActivationLimits limits;

  public RawRecordDecoder(RawTopicSettings task, ActivationLimits limits) {
    this.task = task;
    this.limits = limits;
  }

  @Override
  public Decoded decode(SourceRecord record, long nowMs) {
    var clamp = new Clamp();
    long receivedAtMs =
        record.timestampMs() < 0
            ? nowMs
            : clamp.instantMs(Timestamps.ofMillis(record.timestampMs()), nowMs);
    String id = idOf(record);
    byte[] arguments = argumentsOf(record);
    byte[] payload = payloadOf(record, id, receivedAtMs, arguments);
    String tooLarge = limits.refusalOf(payload.length);
    if (tooLarge != null) {
      return new Decoded.Bad(tooLarge, NOTHING);
    }
    var activation =
        new Activation(
            id,
            task.application(),
            task.namespace(),
            task.taskname(),
            record.partition(),
            record.offset(),
            receivedAtMs,
            nowMs,
            null,
            null,
            task.processingDeadlineSec(),
            Delivery.AT_LEAST_ONCE,
            OnAttemptsExceeded.DISCARD,
            payload.length,
            null);
    return new Decoded.Wrapped(
        activation,
        payload,
        clamp.hasClamped(),
        isCompressed() ? OptionalInt.of(arguments.length) : OptionalInt.empty());
  }

  private static String idOf(SourceRecord record) {
    String place =
        String.join(
            "\0",
            "raw",
            record.partition().topic(),
            Integer.toString(record.partition().number()),
            Long.toString(record.offset()));
    return UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private boolean isCompressed() {
    return task.compressionLevel() != null;
  }

  private byte[] argumentsOf(SourceRecord record) {
    byte[] value = record.value();
    byte[] arguments = packed(value == null ? NOTHING : value);
    Integer level = task.compressionLevel();
    return level == null ? arguments : Zstd.compress(arguments, level);
  }

  private byte[] payloadOf(SourceRecord record, String id, long receivedAtMs, byte[] arguments) {
    TaskActivation.Builder activation =
        TaskActivation.newBuilder()
            .setId(id)
            .setApplication(task.application())
            .setNamespace(task.namespace())
            .setTaskname(task.taskname())
            .setProcessingDeadlineDuration(task.processingDeadlineSec())
            .setReceivedAt(Timestamps.ofMillis(receivedAtMs));
    for (Header header : record.headers()) {
      putHeader(activation, header);
    }
    if (isCompressed()) {
      activation.putHeaders(CompressionHeader.NAME, CompressionHeader.ZSTD);
    }
    return activation
        .setParametersBytes(UnsafeByteOperations.unsafeWrap(arguments))
        .build()
        .toByteArray();
  }

  /** A task's headers are text: what is none is left out. */
  private static void putHeader(TaskActivation.Builder activation, Header header) {
    byte[] value = header.value();
    if (value == null) {
      return;
    }
    ByteString text = ByteString.copyFrom(value);
    if (text.isValidUtf8()) {
      activation.putHeaders(header.name(), text.toStringUtf8());
    }
  }

  private static byte[] packed(byte[] value) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(2);
      packer.packString("args").packArrayHeader(1).packBinaryHeader(value.length).addPayload(value);
      packer.packString("kwargs").packMapHeader(0);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new AssertionError("writing an array does no I/O", e);
    }
  }
}
