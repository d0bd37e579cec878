package io.taskbroker.fuzzing;

import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.Credit;
import io.taskbroker.proto.exchange.v1.ExtendRequest;
import io.taskbroker.proto.exchange.v1.Extension;
import io.taskbroker.proto.exchange.v1.HandBackRequest;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.Outcome;
import io.taskbroker.proto.exchange.v1.OutcomeStatus;
import io.taskbroker.proto.exchange.v1.Outcomes;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Messages of workers: those of calls, and the frames of a stream. */
final class MessageTarget implements Target {
  static final String NAME = "message";

  private static final int MOST_MESSAGES = 50;

  private static final List<String> CALLS =
      List.of(
          ConsumerServiceGrpc.getGetTaskMethod().getFullMethodName(),
          ConsumerServiceGrpc.getSetTaskStatusMethod().getFullMethodName(),
          ConsumerServiceGrpc.getSetBatchActivationStatusMethod().getFullMethodName(),
          WorkerExchangeGrpc.getHandBackMethod().getFullMethodName(),
          WorkerExchangeGrpc.getExtendMethod().getFullMethodName());

  private static final String STREAM = WorkerExchangeGrpc.getExchangeMethod().getFullMethodName();

  /** Answers that tell the client something, and the broker no trouble. */
  private static final Set<Status.Code> ANSWERS =
      Set.of(
          Status.Code.OK,
          Status.Code.NOT_FOUND,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.RESOURCE_EXHAUSTED);

  private static final String NOT_DECODED = "Unable to decode the request";

  private final OwnServer server = new OwnServer();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "messages of workers' calls and the frames of their streams, at a server that listens";
  }

  @Override
  public List<byte[]> seeds() {
    return List.of(
        Pieces.joined(0, GetTaskRequest.newBuilder().setApplication("shop").build().toByteArray()),
        Pieces.joined(
            1,
            SetTaskStatusRequest.newBuilder()
                .setId("task-1")
                .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
                .setFetchNextTask(FetchNextTask.newBuilder().setNamespace("orders"))
                .build()
                .toByteArray()),
        Pieces.joined(3, HandBackRequest.newBuilder().addAttempts(attempt()).build().toByteArray()),
        Pieces.joined(
            4,
            ExtendRequest.newBuilder()
                .addExtensions(Extension.newBuilder().setId("task-1").setForMillis(10))
                .build()
                .toByteArray()),
        Pieces.joined(
            5,
            frame(WorkerFrame.newBuilder().setHello(hello())),
            frame(
                WorkerFrame.newBuilder().setCredit(Credit.newBuilder().setTasks(2).setBytes(9999))),
            frame(
                WorkerFrame.newBuilder()
                    .setOutcomes(
                        Outcomes.newBuilder()
                            .addOutcomes(
                                Outcome.newBuilder()
                                    .setId("task-1")
                                    .setToken(1)
                                    .setStatus(OutcomeStatus.OUTCOME_STATUS_RETRY)
                                    .setMaxAttempts(2)
                                    .setError("so")))),
            frame(
                WorkerFrame.newBuilder()
                    .setHandBack(HandBackRequest.newBuilder().addAttempts(attempt())))));
  }

  private static Attempt attempt() {
    return Attempt.newBuilder().setId("task-1").setToken(1).build();
  }

  private static Hello hello() {
    return Hello.newBuilder()
        .setApplication("shop")
        .addNamespaces("orders")
        .setName("w")
        .setVersion("1")
        .setHeartbeat(true)
        .addHeld(attempt())
        .build();
  }

  private static byte[] frame(WorkerFrame.Builder frame) {
    return SignedFrame.newBuilder().setFrame(frame.build().toByteString()).build().toByteArray();
  }

  @Override
  public void give(byte[] input) {
    server.restock();
    Pieces pieces = new Pieces(input);
    int method = pieces.number() % (CALLS.size() + 1);
    if (method < CALLS.size()) {
      judge(CALLS.get(method), MethodType.UNARY, List.of(pieces.piece()));
      return;
    }
    List<byte[]> frames = new ArrayList<>();
    while (pieces.hasMore() && frames.size() < MOST_MESSAGES) {
      frames.add(pieces.piece());
    }
    judge(STREAM, MethodType.BIDI_STREAMING, frames);
  }

  private void judge(String method, MethodType type, List<byte[]> messages) {
    Status status = server.call(method, type, messages);
    boolean isTold =
        ANSWERS.contains(status.getCode()) || NOT_DECODED.equals(status.getDescription());
    Finding.unless(isTold, method + " was answered with " + status);
    if (!status.isOk()) {
      Finding.unlessWords(status.getDescription(), status.getCode().name());
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
