package io.taskbroker.workload.load;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceBlockingStub;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Asks a broker for single tasks, to look at them closely. */
public final class TaskFetch implements AutoCloseable {
  private final ManagedChannel channel;
  private final ConsumerServiceBlockingStub broker;

  private TaskFetch(ManagedChannel channel) {
    this.channel = channel;
    this.broker = ConsumerServiceGrpc.newBlockingStub(channel);
  }

  /**
   * @param address of the broker, as {@code host:port}
   */
  public static TaskFetch at(String address) {
    return new TaskFetch(ManagedChannelBuilder.forTarget(address).usePlaintext().build());
  }

  /** The next task, as soon as there is one. */
  public TaskActivation await(GetTaskRequest request, Duration patience) {
    AtomicReference<@Nullable TaskActivation> found = new AtomicReference<>();
    Waiting.until(
        "there is a task",
        patience,
        () -> {
          ask(request).ifPresent(found::set);
          return found.get() != null;
        });
    return Optional.ofNullable(found.get()).orElseThrow();
  }

  /** Says that it is done. */
  public void complete(String id) {
    report(id, TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE);
  }

  /** Says that it has failed for good. */
  public void fail(String id) {
    report(id, TaskActivationStatus.TASK_ACTIVATION_STATUS_FAILURE);
  }

  private void report(String id, TaskActivationStatus outcome) {
    var _ =
        broker.setTaskStatus(
            SetTaskStatusRequest.newBuilder().setId(id).setStatus(outcome).build());
  }

  /** Says that it is done, and asks for the next one of an application in the same call. */
  public Optional<TaskActivation> completeAndFetch(String id, String application) {
    var answer =
        broker.setTaskStatus(
            SetTaskStatusRequest.newBuilder()
                .setId(id)
                .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
                .setFetchNextTask(FetchNextTask.newBuilder().setApplication(application))
                .build());
    return answer.hasTask() ? Optional.of(answer.getTask()) : Optional.empty();
  }

  private Optional<TaskActivation> ask(GetTaskRequest request) {
    try {
      return Optional.of(broker.getTask(request).getTask());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
