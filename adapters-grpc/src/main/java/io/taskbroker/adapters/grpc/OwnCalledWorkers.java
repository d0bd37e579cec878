package io.taskbroker.adapters.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.PushTaskRequest;
import io.taskbroker.proto.v1.PushTaskResponse;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.proto.v1.WorkerServiceGrpc.WorkerServiceImplBase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Workers within the broker's own process that it calls, for tasks of its own. They accept whatever
 * comes, do nothing with it, and report it done: what has come during one report is in the next.
 *
 * <p>Once a report has failed nothing more is reported.
 */
public final class OwnCalledWorkers extends WorkerServiceImplBase implements AutoCloseable {
  private static final MethodDescriptor<byte[], SetBatchActivationStatusResponse> REPORT =
      OwnCalls.asBytes(ConsumerServiceGrpc.getSetBatchActivationStatusMethod());

  private final IntConsumer onDone;
  private final Server server;

  /** Accepted, and not reported. Guards itself and {@link #isReporting}. */
  private final List<String> accepted = new ArrayList<>();

  private boolean isReporting;

  private volatile @Nullable OwnCalls broker;

  /**
   * Listens from now on, on the loopback alone.
   *
   * @param onDone told how many tasks more are reported, and the broker has answered that; by any
   *     thread of the connection
   */
  public OwnCalledWorkers(IntConsumer onDone) {
    this.onDone = onDone;
    try {
      this.server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .directExecutor()
              .addService(this)
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where they are called. */
  public WorkerAddress address() {
    return new WorkerAddress(InetAddress.getLoopbackAddress().getHostAddress(), server.getPort());
  }

  /**
   * Says where the broker is served, in plain text. To be called once, before it calls.
   *
   * @param secrets the first of them signs reports; none at all signs nothing
   */
  public void reportTo(InetSocketAddress address, List<String> secrets) {
    broker = new OwnCalls(address, secrets);
  }

  @Override
  public void pushTask(PushTaskRequest request, StreamObserver<PushTaskResponse> answer) {
    answer.onNext(PushTaskResponse.getDefaultInstance());
    answer.onCompleted();
    synchronized (accepted) {
      accepted.add(request.getTask().getId());
      if (isReporting) {
        return;
      }
      isReporting = true;
    }
    Context.ROOT.run(this::report); // not in that of the push, with which it would end
  }

  private void report() {
    SetBatchActivationStatusRequest.Builder reports = SetBatchActivationStatusRequest.newBuilder();
    synchronized (accepted) {
      accepted.forEach(id -> reports.addUpdates(doneOf(id)));
      accepted.clear();
      isReporting = reports.getUpdatesCount() > 0;
      if (!isReporting) {
        return;
      }
    }
    Objects.requireNonNull(broker, "they do not know whom to report to")
        .call(
            REPORT,
            reports.build().toByteArray(),
            new Metadata(),
            _ -> {
              onDone.accept(reports.getUpdatesCount());
              report();
            },
            _ -> {});
  }

  private static SetTaskStatusRequest doneOf(String id) {
    return SetTaskStatusRequest.newBuilder()
        .setId(id)
        .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
        .build();
  }

  /** Ends what is under way; returns at once. */
  @Override
  public void close() {
    server.shutdownNow();
    OwnCalls present = broker;
    if (present != null) {
      present.close();
    }
  }
}
