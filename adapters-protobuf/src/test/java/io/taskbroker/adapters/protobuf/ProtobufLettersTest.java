package io.taskbroker.adapters.protobuf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.taskbroker.application.letters.LetterCodec.Names;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import org.junit.jupiter.api.Test;

class ProtobufLettersTest {
  private static final TaskActivation TASK =
      TaskActivation.newBuilder()
          .setId("a")
          .setApplication("shop")
          .setNamespace("mail")
          .setTaskname("send")
          .setReceivedAt(Timestamp.newBuilder().setSeconds(1))
          .setExpires(60)
          .setDelay(30)
          .putHeaders("traceparent", "00")
          .setParametersBytes(ByteString.copyFromUtf8("x"))
          .setRetryState(RetryState.newBuilder().setAttempts(4).setMaxAttempts(5))
          .build();

  private final ProtobufLetters letters = new ProtobufLetters();

  @Test
  void theNamesOfATask_areRead_andOthersHaveNone() {
    assertThat(letters.names(TASK.toByteArray())).contains(new Names("a", "shop", "mail", "send"));
    assertThat(letters.names("no task".getBytes(UTF_8))).isEmpty();
    assertThat(letters.names(new byte[0])).isEmpty();
  }

  @Test
  void aFreshTask_isTheSame_butForWhatTimeHasDoneToIt() throws InvalidProtocolBufferException {
    TaskActivation fresh = TaskActivation.parseFrom(letters.fresh(TASK.toByteArray(), "b", 7_000));

    assertThat(fresh)
        .isEqualTo(
            TASK.toBuilder()
                .setId("b")
                .setReceivedAt(Timestamp.newBuilder().setSeconds(7))
                .clearDelay()
                .setRetryState(RetryState.newBuilder().setMaxAttempts(5))
                .build());
  }
}
