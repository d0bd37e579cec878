package io.taskbroker.workload.load;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusResponse;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands out what was put into it, over real gRPC, and remembers what it was told. */
final class StubBroker extends ConsumerServiceGrpc.ConsumerServiceImplBase
    implements AutoCloseable {
  final Queue<TaskActivation> tasks = new ConcurrentLinkedQueue<>();
  final Queue<SetTaskStatusRequest> reports = new ConcurrentLinkedQueue<>();

  /** So many of the next reports are refused. */
  final AtomicInteger deaf = new AtomicInteger();

  private final Server server;

  StubBroker() throws IOException {
    server = ServerBuilder.forPort(0).addService(this).build().start();
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void getTask(GetTaskRequest request, StreamObserver<GetTaskResponse> answer) {
    TaskActivation task = tasks.poll();
    if (task == null) {
      answer.onError(Status.NOT_FOUND.asRuntimeException());
      return;
    }
    answer.onNext(GetTaskResponse.newBuilder().setTask(task).build());
    answer.onCompleted();
  }

  @Override
  public void setTaskStatus(
      SetTaskStatusRequest request, StreamObserver<SetTaskStatusResponse> answer) {
    if (deaf.getAndDecrement() > 0) {
      answer.onError(Status.UNAVAILABLE.asRuntimeException());
      return;
    }
    reports.add(request);
    var response = SetTaskStatusResponse.newBuilder();
    TaskActivation next = request.hasFetchNextTask() ? tasks.poll() : null;
    if (next != null) {
      response.setTask(next);
    }
    answer.onNext(response.build());
    answer.onCompleted();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
