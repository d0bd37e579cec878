package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.domain.Delivery;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AbandonedCallsTest {
  private static final GetTaskRequest ANY = GetTaskRequest.getDefaultInstance();
  private static final int TASK_BYTES = 100_000;

  /** Of those whose ids have as many letters as this one. */
  private static final long PAYLOAD_BYTES =
      TestServer.task("task-0", "shop", TASK_BYTES).getSerializedSize();

  /** Room for three tasks on a connection, and for five in all. */
  private static final GrpcServerLimits NARROW = narrow(Duration.ofMinutes(1));

  private final TestServer broker = new TestServer(NARROW);

  private static GrpcServerLimits narrow(Duration unreadAtMost) {
    return GrpcServerLimits.DEFAULT.with(
        new GrpcServerLimits.Answers(
            5 * PAYLOAD_BYTES,
            3 * PAYLOAD_BYTES,
            unreadAtMost,
            Duration.ofMinutes(1),
            10,
            Duration.ofSeconds(30)));
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void callCancelledBeforeItsClaim_givesTheTaskBack(Delivery delivery) throws Exception {
    broker.add("a", "shop", delivery, 10);
    Runnable resume = broker.store.pause();
    ManagedChannel connection = connected();
    Answer abandoned = getTask(connection);
    awaitTaken(connection);

    abandoned.call.cancel("tired of waiting", null);
    assertThat(abandoned.status()).isEqualTo(Status.Code.CANCELLED);
    awaitTaken(connection);
    resume.run();

    assertThat(broker.store.awaitReleased()).isEqualTo("a");
    assertThat(broker.worker().getTask(ANY).getTask().getId()).isEqualTo("a");
  }

  @Test
  void connectionThatBreaks_givesItsTasksBack() throws Exception {
    broker.add("a");
    Runnable resume = broker.store.pause();
    try (var connection = new RawConnection(broker.server.port()).greet()) {
      connection.awaitSettings();
      connection.open(1, Map.of());
      connection.finish(1, RawConnection.message(0, 0, new byte[0]));
      connection.awaitTaken();

      connection.awaitEnd(); // what left before the server sees it is with the worker
      resume.run();

      assertThat(broker.store.awaitReleased()).isEqualTo("a");
    }
  }

  @Test
  void fetchAbandonedBeforeItsClaim_givesTheTaskBackAndKeepsTheReport() throws Exception {
    broker.add("a");
    Runnable resume = broker.store.pause();
    var report =
        SetTaskStatusRequest.newBuilder()
            .setId("x")
            .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
            .setFetchNextTask(FetchNextTask.getDefaultInstance())
            .build();
    ManagedChannel connection = connected();
    Answer abandoned = call(connection, ConsumerServiceGrpc.getSetTaskStatusMethod(), report);
    awaitTaken(connection);

    abandoned.call.cancel("tired of waiting", null);
    awaitTaken(connection);
    resume.run();

    assertThat(broker.store.awaitReleased()).isEqualTo("a");
    assertThat(broker.store.reports()).hasSize(1);
  }

  @Test
  void clientThatDoesNotRead_isGivenNoMoreThanItsShare() throws Exception {
    for (int i = 0; i < 10; i++) {
      broker.add("task-" + i, "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
    }

    List<Answer> answers = tasksNobodyReads(broker.connect(), 10);

    assertThat(refusedOf(answers)).hasSize(7);
    assertThat(broker.store.due()).hasSize(7);
    assertThat(broker.store.hasReleased()).as("nothing was claimed in vain").isFalse();
    assertThat(broker.worker().getTask(ANY).hasTask()).isTrue();
  }

  @Test
  void clientsThatDoNotRead_leaveSomeRoomToTheOthers() throws Exception {
    for (int i = 0; i < 10; i++) {
      broker.add("task-" + i, "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
    }

    tasksNobodyReads(broker.connect(), 5);
    tasksNobodyReads(broker.connect(), 5);

    assertThat(broker.store.due()).as("three and one are unread").hasSize(6);
    assertThat(codeOfGetTask()).isEqualTo(Status.Code.OK);
  }

  @Test
  void clientsThatDoNotRead_areGivenNoMoreThanAllMayHave() throws Exception {
    for (int i = 0; i < 10; i++) {
      broker.add("task-" + i, "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
    }

    for (int i = 0; i < 3; i++) {
      tasksNobodyReads(broker.connect(), 5);
    }

    assertThat(broker.store.due()).hasSize(5);
    assertThat(codeOfGetTask()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(broker.store.hasReleased()).as("they have had no time yet").isFalse();
  }

  @Test
  void unreadTasks_areTakenBackWhenOthersFindNoRoom() throws Exception {
    try (var impatient = new TestServer(narrow(Duration.ZERO))) {
      impatient.add("once-0", "shop", Delivery.AT_MOST_ONCE, TASK_BYTES);
      for (int i = 0; i < 4; i++) {
        impatient.add("task-" + i, "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
      }
      List<Answer> unread = new ArrayList<>();
      unread.addAll(tasksNobodyReads(impatient.connect(), 3));
      unread.addAll(tasksNobodyReads(impatient.connect(), 1));
      unread.addAll(tasksNobodyReads(impatient.connect(), 1));

      assertThatThrownBy(() -> impatient.worker().getTask(ANY)).hasMessageContaining("NOT_FOUND");

      for (int i = 0; i < 4; i++) {
        assertThat(impatient.store.awaitReleased()).startsWith("task-");
      }
      assertThat(impatient.store.due()).as("some of it may have left").doesNotContain("once-0");
      for (Answer answer : unread) {
        answer.call.request(1); // only who reads is told that there is no more
        assertThat(answer.status()).isNotEqualTo(Status.Code.OK);
      }
      assertThat(impatient.worker().getTask(ANY).getTask().getId()).startsWith("task-");
    }
  }

  @Test
  void reportsOfAClientThatDoesNotRead_areRecordedWithoutANextTask() throws Exception {
    for (int i = 0; i < 4; i++) {
      broker.add("task-" + i, "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
    }
    ManagedChannel connection = broker.connect();
    tasksNobodyReads(connection, 3);
    var report =
        SetTaskStatusRequest.newBuilder()
            .setId("x")
            .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
            .setFetchNextTask(FetchNextTask.getDefaultInstance())
            .build();

    var response =
        ConsumerServiceGrpc.newBlockingStub(connection)
            .withDeadlineAfter(Duration.ofMinutes(1))
            .setTaskStatus(report);

    assertThat(response.hasTask()).isFalse();
    assertThat(broker.store.reports()).hasSize(1);
    assertThat(broker.store.due()).hasSize(1);
    assertThat(broker.store.hasReleased()).as("nothing was claimed in vain").isFalse();
  }

  @Test
  void taskThatNobodyRead_goesBackWhenItsClientGoes() throws Exception {
    broker.add("a", "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
    ManagedChannel connection = broker.connect();
    tasksNobodyReads(connection, 1);

    connection.shutdownNow();

    assertThat(broker.store.awaitReleased()).isEqualTo("a");
    assertThat(broker.worker().getTask(ANY).getTask().getId()).isEqualTo("a");
  }

  @Test
  void taskThatMustNotRunTwice_staysOutOnceSomeOfItHasLeft() throws Exception {
    broker.add("once", "shop", Delivery.AT_MOST_ONCE, TASK_BYTES);
    broker.add("again", "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
    ManagedChannel connection = broker.connect();
    tasksNobodyReads(connection, 2);

    connection.shutdownNow();

    assertThat(broker.store.awaitReleased()).isEqualTo("again");
    assertThat(broker.store.due()).containsExactly("again");
  }

  @Test
  void roomIsGivenBack_howeverACallEnds() throws Exception {
    for (int i = 0; i < 3; i++) {
      broker.add("task-" + i, "shop", Delivery.AT_LEAST_ONCE, TASK_BYTES);
    }
    ManagedChannel connection = broker.connect();
    List<Answer> answers = tasksNobodyReads(connection, 3);
    for (Answer answer : answers) {
      answer.call.cancel("not wanted after all", null);
      assertThat(broker.store.awaitReleased()).isNotNull();
    }

    assertThat(refusedOf(tasksNobodyReads(connection, 4))).hasSize(1);
  }

  @Test
  void taskThatDoesNotFitAnyMore_goesBack() throws Exception {
    broker.add("task-0", "shop", Delivery.AT_LEAST_ONCE, 2 * TASK_BYTES);
    broker.add("task-1", "shop", Delivery.AT_LEAST_ONCE, 2 * TASK_BYTES);

    List<Answer> answers = tasksNobodyReads(broker.connect(), 2);

    assertThat(refusedOf(answers)).hasSize(1);
    assertThat(broker.store.awaitReleased()).isEqualTo("task-1");
  }

  @Test
  void taskLargerThanItsShare_isStillDelivered() {
    broker.add("large", "shop", Delivery.AT_LEAST_ONCE, 7 * TASK_BYTES);

    assertThat(broker.worker().getTask(ANY).getTask().getId()).isEqualTo("large");
  }

  /** Sends GetTask so often that one answer each has been decided on, reading none. */
  private List<Answer> tasksNobodyReads(ManagedChannel connection, int calls) throws Exception {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      Answer answer = getTask(connection);
      answer.decided.get(1, TimeUnit.MINUTES);
      answers.add(answer);
    }
    return answers;
  }

  private static List<Answer> refusedOf(List<Answer> answers) {
    return answers.stream().filter(answer -> answer.closed.isDone()).toList();
  }

  private Status.Code codeOfGetTask() {
    try {
      broker.worker().getTask(ANY);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /**
   * Until the server has handled all that was sent on the connection. It refuses a report without a
   * status by itself, after what came before, also while the store is stalled.
   */
  private static void awaitTaken(ManagedChannel connection) throws Exception {
    var report = SetTaskStatusRequest.getDefaultInstance();
    Answer refused = call(connection, ConsumerServiceGrpc.getSetTaskStatusMethod(), report);
    assertThat(refused.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  /**
   * A connection that stands. Calls that have to wait for theirs to be made may overtake each
   * other.
   */
  private ManagedChannel connected() throws Exception {
    ManagedChannel connection = broker.connect();
    awaitTaken(connection);
    return connection;
  }

  private static Answer getTask(Channel connection) {
    return call(connection, ConsumerServiceGrpc.getGetTaskMethod(), ANY);
  }

  private static <Q, A> Answer call(Channel connection, MethodDescriptor<Q, A> method, Q request) {
    ClientCall<Q, A> call = connection.newCall(method, CallOptions.DEFAULT);
    var answer = new Answer(call);
    call.start(answer.<A>listener(), new Metadata());
    call.sendMessage(request);
    call.halfClose();
    return answer;
  }

  /** What a client sees that never asks for the message. */
  private static final class Answer {
    final ClientCall<?, ?> call;
    final CompletableFuture<Void> decided = new CompletableFuture<>();
    final CompletableFuture<Status> closed = new CompletableFuture<>();

    Answer(ClientCall<?, ?> call) {
      this.call = call;
    }

    Status.Code status() throws Exception {
      return closed.get(1, TimeUnit.MINUTES).getCode();
    }

    <A> ClientCall.Listener<A> listener() {
      return new ClientCall.Listener<>() {
        @Override
        public void onHeaders(Metadata headers) {
          decided.complete(null);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
          closed.complete(status);
          decided.complete(null);
        }
      };
    }
  }
}
