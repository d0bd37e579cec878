package io.taskbroker.fuzzing;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.OnAttemptsExceeded;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.util.List;

/** Sound tasks. */
final class Samples {
  /** {@code {"args": [1, "a"], "kwargs": {"b": [true, null, 1.5]}}} in msgpack. */
  private static final byte[] ARGUMENTS = {
    (byte) 0x82,
    (byte) 0xa4,
    'a',
    'r',
    'g',
    's',
    (byte) 0x92,
    1,
    (byte) 0xa1,
    'a',
    (byte) 0xa6,
    'k',
    'w',
    'a',
    'r',
    'g',
    's',
    (byte) 0x81,
    (byte) 0xa1,
    'b',
    (byte) 0x93,
    (byte) 0xc3,
    (byte) 0xc0,
    (byte) 0xcb,
    0x3f,
    (byte) 0xf8,
    0,
    0,
    0,
    0,
    0,
    0
  };

  private Samples() {}

  static TaskActivation plain(String id) {
    return TaskActivation.newBuilder()
        .setId(id)
        .setApplication("shop")
        .setNamespace("orders")
        .setTaskname("shop.receipt")
        .setReceivedAt(Timestamp.newBuilder().setSeconds(1_771_000_000))
        .setProcessingDeadlineDuration(10)
        .setParametersBytes(ByteString.copyFrom(ARGUMENTS))
        .build();
  }

  static TaskActivation full(String id) {
    return plain(id).toBuilder()
        .putHeaders("trace", "abc")
        .setExpires(60)
        .setDelay(5)
        .setRetryState(
            RetryState.newBuilder()
                .setAttempts(1)
                .setMaxAttempts(3)
                .setOnAttemptsExceeded(OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER)
                .setAtMostOnce(true)
                .setDelayOnRetry(7))
        .build();
  }

  static List<byte[]> activations() {
    return List.of(plain("a").toByteArray(), full("b").toByteArray(), new byte[0]);
  }

  static byte[] arguments() {
    return ARGUMENTS.clone();
  }
}
