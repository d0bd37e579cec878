package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.proto.v1.SetTaskStatusResponse;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskMessageTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 120, 128, 20_000, 3_000_000})
  void isWhatTheGeneratedCodeWouldWrite(int bytes) throws Exception {
    TaskActivation task = task(bytes);
    var drained = new ByteArrayOutputStream();
    var message = new TaskMessage(task.toByteArray());

    assertThat(message.available()).isEqualTo(response(task).length);
    assertThat(message.drainTo(drained)).isEqualTo(drained.size());

    assertThat(drained.toByteArray()).isEqualTo(response(task));
    assertThat(message.available()).isZero();
    assertThat(SetTaskStatusResponse.parseFrom(drained.toByteArray()).getTask()).isEqualTo(task);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsTheSameInPiecesOfAnySize(long seed) throws Exception {
    var random = new Random(seed);
    TaskActivation task = task(random.nextInt(500));
    var message = new TaskMessage(task.toByteArray());
    var read = new ByteArrayOutputStream();
    byte[] piece = new byte[40];
    for (int i = random.nextInt(30); i > 0; i--) {
      int one = message.read();
      if (one >= 0) {
        read.write(one);
      }
      read.write(piece, 3, Math.max(0, message.read(piece, 3, random.nextInt(37))));
    }
    message.drainTo(read);

    assertThat(read.toByteArray()).as("seed " + seed).isEqualTo(response(task));
    assertThat(message.read()).isEqualTo(-1);
    assertThat(message.read(piece, 0, 1)).isEqualTo(-1);
  }

  @Test
  void hasATaskEvenIfThatIsEmpty() throws Exception {
    assertThat(GetTaskResponse.parseFrom(new TaskMessage(new byte[0])).hasTask()).isTrue();
  }

  private static TaskActivation task(int bytes) {
    return TaskActivation.newBuilder()
        .setId("a")
        .setParametersBytes(ByteString.copyFrom(new byte[bytes]))
        .build();
  }

  private static byte[] response(TaskActivation task) {
    return GetTaskResponse.newBuilder().setTask(task).build().toByteArray();
  }
}
