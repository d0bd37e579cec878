package io.taskbroker.adapters.protobuf;

import com.google.protobuf.CodedOutputStream;
import io.taskbroker.proto.v1.GetTaskResponse;
import org.jspecify.annotations.Nullable;

/**
 * What the broker takes from producers.
 *
 * @param maxDeliverableBytes size of the largest message in which a worker accepts an activation
 * @param maxDelaySec a longer delay is cut to this; null to honour any
 */
public record ActivationLimits(int maxDeliverableBytes, @Nullable Long maxDelaySec) {
  /** 10 MiB is what the Python workers accept. */
  public static final ActivationLimits DEFAULT = new ActivationLimits(10 * 1024 * 1024, null);

  public ActivationLimits {
    if (maxDeliverableBytes < 1) {
      throw new IllegalArgumentException(
          "maxDeliverableBytes must be at least 1, was " + maxDeliverableBytes);
    }
    if (maxDelaySec != null && maxDelaySec < 0) {
      throw new IllegalArgumentException("maxDelaySec must not be negative, was " + maxDelaySec);
    }
  }

  /** Why a payload of this size can never be handed out; null if it can. */
  @Nullable String refusalOf(int payloadBytes) {
    long message =
        (long) CodedOutputStream.computeTagSize(GetTaskResponse.TASK_FIELD_NUMBER)
            + CodedOutputStream.computeUInt32SizeNoTag(payloadBytes)
            + payloadBytes;
    return message <= maxDeliverableBytes
        ? null
        : "a payload of %d bytes does not fit into max_deliverable_size, %d bytes"
            .formatted(payloadBytes, maxDeliverableBytes);
  }
}
