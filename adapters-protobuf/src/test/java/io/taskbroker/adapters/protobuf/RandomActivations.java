package io.taskbroker.adapters.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.util.Random;

/** Valid messages of every shape. */
final class RandomActivations {
  private static final String LETTERS = "aZ09-_.é€𝄞\0\n ";

  private RandomActivations() {}

  static TaskActivation next(Random random) {
    var message = TaskActivation.newBuilder().setId(text(random)).setTaskname(text(random));
    if (random.nextBoolean()) {
      message.setNamespace(text(random)).setApplication(text(random));
    }
    if (random.nextBoolean()) {
      message.putHeaders(text(random), text(random)).putHeaders("compression-type", "zstd");
    }
    if (random.nextBoolean()) {
      message.setReceivedAt(
          Timestamp.newBuilder().setSeconds(number(random)).setNanos((int) number(random)));
    }
    if (random.nextBoolean()) {
      message.setRetryState(retryState(random));
    }
    if (random.nextBoolean()) {
      message.setExpires(number(random)).setDelay(number(random));
    }
    if (random.nextBoolean()) {
      message.setProcessingDeadlineDuration(number(random));
    }
    if (random.nextBoolean()) {
      message.setParametersBytes(ByteString.copyFrom(bytes(random, 30)));
    }
    if (random.nextInt(4) == 0) {
      message.setUnknownFields(unknownFields(random));
    }
    return message.build();
  }

  static byte[] bytes(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static RetryState.Builder retryState(Random random) {
    var retryState =
        RetryState.newBuilder()
            .setAttempts((int) number(random))
            .setMaxAttempts((int) number(random))
            .setOnAttemptsExceededValue((int) number(random));
    if (random.nextBoolean()) {
      retryState.setAtMostOnce(random.nextBoolean());
    }
    if (random.nextBoolean()) {
      retryState.setDelayOnRetry(number(random));
    }
    return retryState;
  }

  private static UnknownFieldSet unknownFields(Random random) {
    var group =
        UnknownFieldSet.newBuilder()
            .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(number(random)).build());
    return UnknownFieldSet.newBuilder()
        .addField(
            100,
            UnknownFieldSet.Field.newBuilder()
                .addVarint(number(random))
                .addFixed32(random.nextInt())
                .addFixed64(random.nextLong())
                .addGroup(group.build())
                .addLengthDelimited(ByteString.copyFrom(bytes(random, 5)))
                .build())
        .build();
  }

  /** Small ones, and those at every end. */
  private static long number(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> Long.MAX_VALUE;
      case 2 -> -1;
      case 3 -> 1L << random.nextInt(64);
      default -> random.nextInt(5);
    };
  }

  private static String text(Random random) {
    var text = new StringBuilder();
    int[] letters = LETTERS.codePoints().toArray();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }
}
