package io.taskbroker.adapters.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.OnAttemptsExceeded;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads records whose value is a {@code TaskActivation}. Not safe for several threads. */
public final class ProtobufActivationDecoder implements ActivationDecoder {
  private static final byte[] NOTHING = {};

  private final ActivationLimits limits;
  private final NamePool names;

  public ProtobufActivationDecoder(ActivationLimits limits, NamePool names) {
    this.limits = limits;
    this.names = names;
  }

  @Override
  public Decoded decode(SourceRecord record, long nowMs) {
    byte[] value = record.value();
    if (value == null) {
      return new Decoded.Bad("the record has no value", NOTHING);
    }
    String tooLarge = limits.refusalOf(value.length);
    if (tooLarge != null) {
      return new Decoded.Bad(tooLarge, NOTHING);
    }
    try {
      var wire = new WireActivation(value);
      String defect = defectOf(wire);
      return defect == null ? taskOf(wire, record, value, nowMs) : new Decoded.Bad(defect, value);
    } catch (InvalidProtocolBufferException e) {
      return new Decoded.Bad("not a TaskActivation: " + e.getMessage(), value);
    } catch (IOException e) {
      throw new AssertionError("reading an array does no I/O", e);
    }
  }

  private static @Nullable String defectOf(WireActivation wire) {
    if (wire.id.isEmpty()) {
      return "the id is empty";
    }
    String tooLong = "the %s has %d bytes, of at most " + Activation.LONGEST_NAME_BYTES;
    if (wire.id.size() > Activation.LONGEST_NAME_BYTES) {
      return tooLong.formatted("id", wire.id.size());
    }
    if (wire.application.size() > Activation.LONGEST_NAME_BYTES) {
      return tooLong.formatted("application", wire.application.size());
    }
    if (wire.namespace.size() > Activation.LONGEST_NAME_BYTES) {
      return tooLong.formatted("namespace", wire.namespace.size());
    }
    if (wire.taskname.size() > Activation.LONGEST_NAME_BYTES) {
      return tooLong.formatted("taskname", wire.taskname.size());
    }
    return null;
  }

  private Decoded taskOf(WireActivation wire, SourceRecord record, byte[] value, long nowMs) {
    var clamp = new Clamp();
    long receivedAtMs = clamp.instantMs(wire.receivedAt, nowMs);
    var activation =
        new Activation(
            wire.id.toStringUtf8(),
            shared(wire.application),
            shared(wire.namespace),
            shared(wire.taskname),
            record.partition(),
            record.offset(),
            receivedAtMs,
            nowMs,
            wire.expiresSec == null ? null : clamp.laterMs(receivedAtMs, wire.expiresSec),
            wire.delaySec == null ? null : clamp.laterMs(receivedAtMs, allowed(wire.delaySec)),
            clamp.deadlineSec(wire.processingDeadlineSec),
            wire.retryState.getAtMostOnce() ? Delivery.AT_MOST_ONCE : Delivery.AT_LEAST_ONCE,
            policyOf(wire, clamp),
            value.length,
            null);
    return new Decoded.Task(activation, value, clamp.hasClamped());
  }

  private static OnAttemptsExceeded policyOf(WireActivation wire, Clamp clamp) {
    int number = wire.retryState.getOnAttemptsExceededValue();
    OnAttemptsExceeded policy = OnAttemptsExceeded.ofNumber(number);
    clamp.note(policy == OnAttemptsExceeded.UNSPECIFIED && number != 0);
    return policy;
  }

  private long allowed(long delaySec) {
    Long max = limits.maxDelaySec();
    return max != null && Long.compareUnsigned(delaySec, max) > 0 ? max : delaySec;
  }

  private String shared(ByteString name) {
    return name.isEmpty() ? "" : names.share(name.toStringUtf8());
  }
}
