package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusResponse;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that say how long they wait are held until there is a task. */
class LongPollTest {
  private final TestServer broker = new TestServer();
  private final ManagedChannel connection = broker.connect();

  @AfterEach
  void stop() {
    broker.close();
  }

  private record Answer<T>(@Nullable T message, Status status, Metadata trailers) {
    @Nullable String waited() {
      return trailers.get(LongPoll.WAITED);
    }

    T whole() {
      return Objects.requireNonNull(message, status::toString);
    }
  }

  /** A call under way. */
  private record Call<T>(ClientCall<?, T> call, CompletableFuture<Answer<T>> answer) {
    Answer<T> await() {
      return answer.orTimeout(1, TimeUnit.MINUTES).join();
    }
  }

  private <Q, T> Call<T> call(MethodDescriptor<Q, T> method, Q request, @Nullable String waitMs) {
    ClientCall<Q, T> call = connection.newCall(method, CallOptions.DEFAULT);
    var answer = new CompletableFuture<Answer<T>>();
    var message = new AtomicReference<@Nullable T>();
    var headers = new Metadata();
    if (waitMs != null) {
      headers.put(LongPoll.WAIT, waitMs);
    }
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(T received) {
            message.set(received);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            answer.complete(new Answer<>(message.get(), status, trailers));
          }
        },
        headers);
    call.request(1);
    call.sendMessage(request);
    call.halfClose();
    return new Call<>(call, answer);
  }

  private Call<GetTaskResponse> getTask(@Nullable String waitMs) {
    return call(
        ConsumerServiceGrpc.getGetTaskMethod(), GetTaskRequest.getDefaultInstance(), waitMs);
  }

  private Call<SetTaskStatusResponse> report(String id, String waitMs) {
    return call(
        ConsumerServiceGrpc.getSetTaskStatusMethod(),
        SetTaskStatusRequest.newBuilder()
            .setId(id)
            .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
            .setFetchNextTask(FetchNextTask.getDefaultInstance())
            .build(),
        waitMs);
  }

  private void awaitWaiting(int count) {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (broker.store.waiting() != count) {
      assertThat(System.nanoTime()).as("%s wait", broker.store.waiting()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void getTask_isHeld_untilThereIsATask() {
    Call<GetTaskResponse> call = getTask("60000");
    awaitWaiting(1);

    broker.add("a");

    Answer<GetTaskResponse> answer = call.await();
    assertThat(answer.whole().getTask().getId()).isEqualTo("a");
    assertThat(answer.waited()).isNotNull();
  }

  @Test
  void getTask_withoutATask_isAnsweredNotFound_whenItsTimeIsOver() {
    Answer<GetTaskResponse> answer = getTask("30").await();

    assertThat(answer.status().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(Long.parseLong(answer.waited())).isGreaterThanOrEqualTo(30);
  }

  @Test
  void report_isRecordedAtOnce_andItsAnswerWaits() {
    broker.add("a");
    assertThat(getTask("1000").await().status().isOk()).isTrue();

    Call<SetTaskStatusResponse> call = report("a", "60000");
    awaitWaiting(1);
    assertThat(broker.store.reports()).hasSize(1);
    broker.add("b");

    Answer<SetTaskStatusResponse> answer = call.await();
    assertThat(answer.whole().getTask().getId()).isEqualTo("b");
    assertThat(answer.waited()).isNotNull();
  }

  @Test
  void report_withoutANextTask_isAnsweredOk_whenItsTimeIsOver() {
    Answer<SetTaskStatusResponse> answer = report("a", "20").await();

    assertThat(answer.status().isOk()).isTrue();
    assertThat(answer.message()).isEqualTo(SetTaskStatusResponse.getDefaultInstance());
    assertThat(answer.waited()).isNotNull();
  }

  @Test
  void withoutTheHeader_nothingChanges() {
    Answer<GetTaskResponse> answer = getTask(null).await();

    assertThat(answer.status().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(answer.waited()).isNull();
  }

  @Test
  void zero_asksWhetherLongPollIsOffered_withoutWaiting() {
    Answer<GetTaskResponse> answer = getTask("0").await();

    assertThat(answer.status().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(answer.waited()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "1.5", "99999999999999999999"})
  void whatIsNoNumber_countsAsNoHeader(String wish) {
    assertThat(getTask(wish).await().waited()).isNull();
  }

  @Test
  void anAbandonedCall_leaves_andTheTaskGoesToTheNext() {
    Call<GetTaskResponse> abandoned = getTask("60000");
    awaitWaiting(1);
    abandoned.call().cancel("enough", null);
    awaitWaiting(0);
    Call<GetTaskResponse> next = getTask("60000");
    awaitWaiting(1);

    broker.add("a");

    assertThat(next.await().whole().getTask().getId()).isEqualTo("a");
  }

  @Test
  void aDrainingBroker_letsNobodyWait_andSaysThatItDrains() {
    Call<GetTaskResponse> call = getTask("60000");
    awaitWaiting(1);

    broker.server.drain();

    assertThat(call.await().status().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(call.await().trailers().get(LongPoll.DRAINING)).isEqualTo("1");
    assertThat(getTask("60000").await().trailers().get(LongPoll.DRAINING)).isEqualTo("1");
  }

  @Test
  void whereNobodyMayWait_nothingIsOffered() {
    GrpcServerLimits.Answers answers = GrpcServerLimits.DEFAULT.answers();
    GrpcServerLimits impatient =
        GrpcServerLimits.DEFAULT.with(
            new GrpcServerLimits.Answers(
                answers.bytes(),
                answers.bytesPerConnection(),
                answers.unreadAtMost(),
                answers.stuckAtMost(),
                answers.watchers(),
                Duration.ZERO));
    try (var other = new TestServer(impatient)) {
      ManagedChannel channel = other.connect();
      ClientCall<GetTaskRequest, GetTaskResponse> call =
          channel.newCall(ConsumerServiceGrpc.getGetTaskMethod(), CallOptions.DEFAULT);
      var closed = new CompletableFuture<Metadata>();
      var headers = new Metadata();
      headers.put(LongPoll.WAIT, "60000");
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              closed.complete(trailers);
            }
          },
          headers);
      call.request(1);
      call.sendMessage(GetTaskRequest.getDefaultInstance());
      call.halfClose();

      assertThat(closed.orTimeout(1, TimeUnit.MINUTES).join().get(LongPoll.WAITED)).isNull();
    }
  }
}
