package io.taskbroker.proving.poison;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.PushTaskRequest;
import io.taskbroker.proto.v1.PushTaskResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.proto.v1.WorkerServiceGrpc;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Workers whose client takes 4 MB at most, and which a certain task ends: their connections break
 * off, and new ones come a moment later.
 */
final class FragileWorkers implements AutoCloseable {
  private static final int ASKING = 2;
  private static final Duration REVIVAL = Duration.ofMillis(300);
  private static final Duration IDLE = Duration.ofMillis(20);

  /** What gRPC says about connections that are ended on purpose. */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  static {
    GRPC.setLevel(Level.OFF);
  }

  private final String broker;
  private final Set<String> served = ConcurrentHashMap.newKeySet();
  private final AtomicInteger killed = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();
  private volatile boolean closing;

  private FragileWorkers(String broker) {
    this.broker = broker;
  }

  /** Workers that ask the broker there. */
  static FragileWorkers asking(String broker) {
    var workers = new FragileWorkers(broker);
    for (int i = 0; i < ASKING; i++) {
      Thread.ofPlatform().daemon().name("fragile-" + i).start(workers::askOn);
    }
    return workers;
  }

  /** Workers that are called on this port. */
  static FragileWorkers called(int port, String broker) {
    var workers = new FragileWorkers(broker);
    Thread.ofPlatform().daemon().name("fragile").start(() -> workers.listenOn(port));
    return workers;
  }

  /** Good tasks that were done. */
  Set<String> served() {
    return served;
  }

  /** How many of them were done twice. */
  int repeated() {
    return repeated.get();
  }

  /** How often a worker was ended. */
  int killed() {
    return killed.get();
  }

  private ManagedChannel connect() {
    return ManagedChannelBuilder.forTarget(broker).usePlaintext().build();
  }

  private void done(TaskActivation task, ConsumerServiceGrpc.ConsumerServiceBlockingStub stub) {
    if (!served.add(task.getId())) {
      repeated.incrementAndGet();
    }
    var _ =
        stub.setTaskStatus(
            SetTaskStatusRequest.newBuilder()
                .setId(task.getId())
                .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
                .build());
  }

  // ---------------------------------------------------------------- asking

  private void askOn() {
    while (!closing) {
      ManagedChannel channel = connect();
      try {
        askUntilKilled(ConsumerServiceGrpc.newBlockingStub(channel));
      } finally {
        channel.shutdownNow();
      }
      Waiting.pause(REVIVAL);
    }
  }

  private void askUntilKilled(ConsumerServiceGrpc.ConsumerServiceBlockingStub stub) {
    while (!closing) {
      try {
        TaskActivation task = stub.getTask(GetTaskRequest.getDefaultInstance()).getTask();
        if (task.getTaskname().equals(PoisonedTasks.KILLER)) {
          killed.incrementAndGet();
          return;
        }
        done(task, stub);
      } catch (StatusRuntimeException _) { // nothing there, or more than this client takes
        Waiting.pause(IDLE);
      }
    }
  }

  // ---------------------------------------------------------------- called

  private void listenOn(int port) {
    ManagedChannel channel = connect();
    try {
      while (!closing) {
        var end = new CountDownLatch(1);
        Server server = listen(port, channel, end);
        await(end);
        server.shutdownNow();
        await(server);
        Waiting.pause(REVIVAL);
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private Server listen(int port, ManagedChannel channel, CountDownLatch end) {
    try {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
          .addService(new Called(ConsumerServiceGrpc.newBlockingStub(channel), end))
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  private void await(CountDownLatch end) {
    try {
      while (!closing && !end.await(100, TimeUnit.MILLISECONDS)) {
        Thread.onSpinWait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closing = true;
    }
  }

  private static void await(Server server) {
    try {
      var _ = server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Called extends WorkerServiceGrpc.WorkerServiceImplBase {
    private final ConsumerServiceGrpc.ConsumerServiceBlockingStub broker;
    private final CountDownLatch end;

    Called(ConsumerServiceGrpc.ConsumerServiceBlockingStub broker, CountDownLatch end) {
      this.broker = broker;
      this.end = end;
    }

    @Override
    public void pushTask(PushTaskRequest request, StreamObserver<PushTaskResponse> answer) {
      TaskActivation task = request.getTask();
      if (task.getTaskname().equals(PoisonedTasks.KILLER)) {
        killed.incrementAndGet();
        end.countDown();
        return;
      }
      answer.onNext(PushTaskResponse.getDefaultInstance());
      answer.onCompleted();
      done(task, broker);
    }
  }

  @Override
  public void close() {
    closing = true;
  }
}
