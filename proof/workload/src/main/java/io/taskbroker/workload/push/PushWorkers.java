package io.taskbroker.workload.push;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.v1.PushTaskRequest;
import io.taskbroker.proto.v1.PushTaskResponse;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.WorkerServiceGrpc;
import io.taskbroker.workload.ledger.TaskKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Workers in push mode over real gRPC: they wait to be called, and report in batches. */
public final class PushWorkers implements AutoCloseable {
  /** Larger than anything that a broker delivers. */
  private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

  private static final Duration STOP = Duration.ofMinutes(1);
  private static final Status BUSY = Status.RESOURCE_EXHAUSTED.withDescription("worker busy");

  private final Map<String, TaskKind> kinds;
  private final Witness witness;
  private final int places;
  private final Semaphore free;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("push-workers-timer").factory());
  private final BatchReporter reporter;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;
  private final List<Runnable> held = new ArrayList<>();
  private Conduct conduct = Conduct.WORK;

  private PushWorkers(PushWorkerSettings settings, Collection<TaskKind> kinds, Witness witness) {
    this.kinds = kinds.stream().collect(Collectors.toMap(TaskKind::taskname, Function.identity()));
    this.witness = witness;
    this.places = settings.places();
    this.free = new Semaphore(places);
    this.reporter = new BatchReporter(settings.broker(), timer, this::reported);
    this.server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()))
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .addService(new Service())
            .addService(health.getHealthService())
            .build();
  }

  /**
   * @param kinds what they know how to do; any other task they complete at once
   */
  public static PushWorkers start(
      PushWorkerSettings settings, Collection<TaskKind> kinds, Witness witness) {
    var workers = new PushWorkers(settings, kinds, witness);
    try {
      workers.server.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + settings.port(), e);
    }
    return workers;
  }

  public int port() {
    return server.getPort();
  }

  /** From here on they do so, also about the calls that hang. */
  public void behave(Conduct how) {
    List<Runnable> waiting;
    health.setStatus(
        HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
        switch (how) {
          case WORK, KEEP, BUSY -> ServingStatus.SERVING;
          case REFUSE, HANG -> ServingStatus.NOT_SERVING;
        });
    synchronized (held) {
      conduct = how;
      waiting = List.copyOf(held);
      held.clear();
    }
    waiting.forEach(Runnable::run);
  }

  private final class Service extends WorkerServiceGrpc.WorkerServiceImplBase {
    @Override
    public void pushTask(PushTaskRequest request, StreamObserver<PushTaskResponse> answer) {
      witness.called();
      long calledNanos = System.nanoTime();
      // A handler must be set before the call begins, or being cancelled fails the answer.
      var call = (ServerCallStreamObserver<PushTaskResponse>) answer;
      call.setOnCancelHandler(() -> {});
      take(request.getTask(), call, calledNanos);
    }
  }

  private void take(
      TaskActivation task, ServerCallStreamObserver<PushTaskResponse> call, long calledNanos) {
    Conduct now;
    synchronized (held) {
      now = conduct;
      if (now == Conduct.HANG) {
        held.add(() -> take(task, call, calledNanos));
        return;
      }
    }
    if (call.isCancelled()) {
      return;
    }
    switch (now) {
      case BUSY -> refuse(call, BUSY);
      case REFUSE -> refuse(call, Status.UNAVAILABLE.withDescription("closed for today"));
      case KEEP -> accept(task, call, calledNanos);
      case WORK -> {
        if (free.tryAcquire()) {
          accept(task, call, calledNanos);
          work(task);
        } else {
          refuse(call, BUSY);
        }
      }
      case HANG -> throw new IllegalStateException("a call that hangs was answered");
    }
  }

  private static void refuse(StreamObserver<PushTaskResponse> call, Status status) {
    call.onError(status.asRuntimeException());
  }

  private void accept(
      TaskActivation task, StreamObserver<PushTaskResponse> call, long calledNanos) {
    witness.accepted(task, calledNanos);
    call.onNext(PushTaskResponse.getDefaultInstance());
    call.onCompleted();
  }

  private void work(TaskActivation task) {
    TaskKind kind = kinds.get(task.getTaskname());
    Runnable done =
        () -> {
          witness.worked(task.getId());
          reporter.report(task.getId(), TaskKind.outcome(kind, task.getRetryState().getAttempts()));
        };
    if (kind == null || kind.work().isZero()) {
      done.run();
    } else {
      var _ = timer.schedule(done, kind.work().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void reported(String id) {
    free.release();
    witness.acknowledged(id);
  }

  /** Takes nothing more, and lets each finish and report what it has. */
  @Override
  public void close() {
    behave(Conduct.REFUSE);
    try {
      if (!free.tryAcquire(places, STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("workers that are called are busy after " + STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      server.shutdownNow();
      reporter.close();
      timer.shutdownNow();
    }
  }
}
