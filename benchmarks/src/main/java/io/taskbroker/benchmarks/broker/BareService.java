package io.taskbroker.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceImplBase;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusResponse;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.TaskMessages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The program of {@link StorelessProcess}: the workers' service as gRPC's own library serves it on
 * its connections' threads, before nothing. Each question is answered by the same task at once. It
 * runs until its input ends.
 */
final class BareService extends ConsumerServiceImplBase {
  private final TaskActivation task;

  private BareService(TaskActivation task) {
    this.task = task;
  }

  static void main() throws IOException {
    TaskActivation task =
        new TaskMessages(
                "shop", "proving", ByteString.copyFrom(new byte[BrokerUnderTest.PAYLOAD_BYTES]))
            .of(BrokerUnderTest.TASK, new Ledger().open(BrokerUnderTest.TASK));
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(new BareService(task))
            .build()
            .start();
    System.out.println(StorelessProcess.READY + server.getPort());
    while (System.in.read() >= 0) {
      // Nothing is expected; only the end counts.
    }
    server.shutdownNow();
  }

  @Override
  public void getTask(GetTaskRequest request, StreamObserver<GetTaskResponse> answer) {
    answer.onNext(GetTaskResponse.newBuilder().setTask(task).build());
    answer.onCompleted();
  }

  @Override
  public void setTaskStatus(
      SetTaskStatusRequest request, StreamObserver<SetTaskStatusResponse> answer) {
    var response = SetTaskStatusResponse.newBuilder();
    if (request.hasFetchNextTask()) {
      response.setTask(task);
    }
    answer.onNext(response.build());
    answer.onCompleted();
  }
}
