package io.taskbroker.workload.push;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceStub;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reports what is waiting in one call after the other, and again until the broker has it. */
final class BatchReporter implements AutoCloseable {
  private static final int MOST = 256;
  private static final Duration CALL = Duration.ofSeconds(30);
  private static final Duration RECOVERY = Duration.ofMillis(50);

  private final ManagedChannel channel;
  private final ConsumerServiceStub broker;
  private final ScheduledExecutorService timer;
  private final Consumer<String> onAcknowledged;
  private final Queue<SetTaskStatusRequest> waiting = new ArrayDeque<>();
  private boolean calling;

  /**
   * @param timer for the pause after a call that failed
   * @param onAcknowledged given the id of each report that the broker has taken
   */
  BatchReporter(String broker, ScheduledExecutorService timer, Consumer<String> onAcknowledged) {
    this.channel = ManagedChannelBuilder.forTarget(broker).usePlaintext().directExecutor().build();
    this.broker = ConsumerServiceGrpc.newStub(channel);
    this.timer = timer;
    this.onAcknowledged = onAcknowledged;
  }

  void report(String id, TaskActivationStatus outcome) {
    synchronized (waiting) {
      waiting.add(SetTaskStatusRequest.newBuilder().setId(id).setStatus(outcome).build());
      if (calling) {
        return;
      }
      calling = true;
    }
    callNext();
  }

  private void callNext() {
    List<SetTaskStatusRequest> batch = new ArrayList<>();
    synchronized (waiting) {
      while (batch.size() < MOST && !waiting.isEmpty()) {
        batch.add(waiting.remove());
      }
      calling = !batch.isEmpty();
    }
    if (!batch.isEmpty()) {
      Context.ROOT.run(() -> call(batch)); // not in that of a push, with which it would end
    }
  }

  private void call(List<SetTaskStatusRequest> batch) {
    broker
        .withDeadlineAfter(CALL.toMillis(), TimeUnit.MILLISECONDS)
        .setBatchActivationStatus(
            SetBatchActivationStatusRequest.newBuilder().addAllUpdates(batch).build(),
            new StreamObserver<SetBatchActivationStatusResponse>() {
              @Override
              public void onNext(SetBatchActivationStatusResponse answer) {}

              @Override
              public void onError(Throwable failure) {
                channel.resetConnectBackoff();
                var _ =
                    timer.schedule(() -> call(batch), RECOVERY.toMillis(), TimeUnit.MILLISECONDS);
              }

              @Override
              public void onCompleted() {
                batch.forEach(report -> onAcknowledged.accept(report.getId()));
                callNext();
              }
            });
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
