package io.taskbroker.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.proto.v1.OnAttemptsExceeded;
import io.taskbroker.proto.v1.PushTaskRequest;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.proto.v1.WorkerServiceGrpc;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class WireContractTest {
  /** Every field of an activation, each in its place: tag, length, value. */
  private static final String ACTIVATION =
      """
      0a 02 61 31
      12 02 6e 73
      1a 04 74 61 73 6b
      22 02 7b 7d
      2a 06 0a 01 6b 12 01 76
      32 08 08 80 a2 ac c6 06 10 07
      3a 0a 08 01 10 03 18 02 20 01 28 1e
      40 0a
      48 3c
      58 05
      62 03 61 70 70
      6a 02 c1 00
      """;

  @SuppressWarnings("deprecation") // the old field is part of the contract
  private static TaskActivation activation() {
    return TaskActivation.newBuilder()
        .setId("a1")
        .setNamespace("ns")
        .setTaskname("task")
        .setParametersJson("{}")
        .putHeaders("k", "v")
        .setReceivedAt(Timestamp.newBuilder().setSeconds(1_758_138_624).setNanos(7))
        .setRetryState(
            RetryState.newBuilder()
                .setAttempts(1)
                .setMaxAttempts(3)
                .setOnAttemptsExceeded(OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER)
                .setAtMostOnce(true)
                .setDelayOnRetry(30))
        .setProcessingDeadlineDuration(10)
        .setExpires(60)
        .setDelay(5)
        .setApplication("app")
        .setParametersBytes(ByteString.copyFrom(bytes("c1 00")))
        .build();
  }

  @Test
  void activation_hasTheBytesItAlwaysHad() {
    assertThat(activation().toByteArray()).isEqualTo(bytes(ACTIVATION));
  }

  @Test
  void activation_comesBackFromItsBytes() throws InvalidProtocolBufferException {
    assertThat(TaskActivation.parseFrom(bytes(ACTIVATION))).isEqualTo(activation());
  }

  @Test
  void activation_tellsZeroFromAbsent() {
    TaskActivation absent = TaskActivation.getDefaultInstance();
    TaskActivation zero = TaskActivation.newBuilder().setExpires(0).setApplication("").build();

    assertThat(absent.toByteArray()).isEmpty();
    assertThat(zero.toByteArray()).isEqualTo(bytes("48 00 62 00"));
  }

  @Test
  void activation_keepsFieldsOfALaterContract() throws InvalidProtocolBufferException {
    byte[] withField14 = bytes("0a 02 61 31 70 01");

    assertThat(TaskActivation.parseFrom(withField14).toByteArray()).isEqualTo(withField14);
  }

  /** The broker sends stored payloads without decoding them, which rests on this. */
  @Test
  void answerAndPush_areThePayloadBehindOneTag() {
    TaskActivation task = TaskActivation.newBuilder().setId("a1").build();
    byte[] framed = bytes("0a 04 0a 02 61 31");

    assertThat(GetTaskResponse.newBuilder().setTask(task).build().toByteArray()).isEqualTo(framed);
    assertThat(PushTaskRequest.newBuilder().setTask(task).build().toByteArray()).isEqualTo(framed);
  }

  @Test
  void report_hasTheBytesItAlwaysHad() {
    SetTaskStatusRequest report =
        SetTaskStatusRequest.newBuilder()
            .setId("a1")
            .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_RETRY)
            .setFetchNextTask(FetchNextTask.newBuilder().setNamespace("ns").setApplication("app"))
            .setMaxAttempts(3)
            .setDelayOnRetry(30)
            .build();

    assertThat(report.toByteArray())
        .isEqualTo(bytes("0a 02 61 31 10 04 1a 09 0a 02 6e 73 12 03 61 70 70 20 03 28 1e"));
    assertThat(
            SetBatchActivationStatusRequest.newBuilder()
                .addUpdates(SetTaskStatusRequest.newBuilder().setId("a1"))
                .build()
                .toByteArray())
        .isEqualTo(bytes("0a 04 0a 02 61 31"));
  }

  @Test
  void services_areCalledByTheirOldPaths() {
    assertThat(ConsumerServiceGrpc.getServiceDescriptor().getMethods())
        .extracting(method -> method.getFullMethodName())
        .containsExactly(
            "sentry_protos.taskbroker.v1.ConsumerService/GetTask",
            "sentry_protos.taskbroker.v1.ConsumerService/SetTaskStatus",
            "sentry_protos.taskbroker.v1.ConsumerService/SetBatchActivationStatus");
    assertThat(WorkerServiceGrpc.getServiceDescriptor().getMethods())
        .extracting(method -> method.getFullMethodName())
        .containsExactly("sentry_protos.taskbroker.v1.WorkerService/PushTask");
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
  }
}
