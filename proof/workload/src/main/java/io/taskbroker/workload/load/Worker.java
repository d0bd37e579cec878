package io.taskbroker.workload.load;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceStub;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusResponse;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.workload.ledger.Handout;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** One worker: a chain of steps, each begun by the end of the one before. */
final class Worker {
  /** Between a call that failed and the next. */
  private static final Duration RECOVERY = Duration.ofMillis(50);

  private static final Duration CALL = Duration.ofSeconds(30);

  private static final Metadata.Key<String> WAIT =
      Metadata.Key.of("taskbroker-wait-ms", Metadata.ASCII_STRING_MARSHALLER);

  private final WorkerSettings settings;
  private final Map<String, TaskKind> kinds;
  private final Ledger ledger;
  private final ManagedChannel channel;
  private final Workers pool;
  private final ConsumerServiceStub broker;

  Worker(
      WorkerSettings settings,
      Map<String, TaskKind> kinds,
      Ledger ledger,
      ManagedChannel channel,
      Workers pool) {
    this.settings = settings;
    this.kinds = kinds;
    this.ledger = ledger;
    this.channel = channel;
    this.pool = pool;
    this.broker = ConsumerServiceGrpc.newStub(channel).withInterceptors(patience(settings));
  }

  private static ClientInterceptor patience(WorkerSettings settings) {
    var headers = new Metadata();
    if (!settings.waits().isZero()) {
      headers.put(WAIT, Long.toString(settings.waits().toMillis()));
    }
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /** The first step, and the one after each empty answer. */
  void ask() {
    if (pool.isClosing()) {
      pool.goneHome();
      return;
    }
    var request = GetTaskRequest.newBuilder();
    if (settings.application() != null) {
      request.setApplication(settings.application());
    }
    patiently()
        .getTask(
            request.build(),
            new Answer<GetTaskResponse>(
                (response, asked) -> take(response.hasTask() ? response.getTask() : null, asked),
                status ->
                    pool.after(
                        status.getCode() == Status.Code.NOT_FOUND
                            ? settings.rest()
                            : recover(status),
                        this::ask)));
  }

  private void take(@Nullable TaskActivation task, long askedNanos) {
    if (task == null) {
      pool.after(settings.rest(), this::ask);
      return;
    }
    Handout handout = ledger.handedOut(task, settings.address(), askedNanos);
    TaskKind kind = kinds.get(task.getTaskname());
    pool.after(
        kind == null ? Duration.ZERO : kind.work(),
        () -> {
          if (handout != null) {
            ledger.worked(handout);
          }
          int attempt = task.getRetryState().getAttempts();
          report(task.getId(), TaskKind.outcome(kind, attempt), handout);
        });
  }

  private void report(String id, TaskActivationStatus outcome, @Nullable Handout handout) {
    var request = SetTaskStatusRequest.newBuilder().setId(id).setStatus(outcome);
    if (!pool.isClosing()) {
      var next = FetchNextTask.newBuilder();
      if (settings.application() != null) {
        next.setApplication(settings.application());
      }
      request.setFetchNextTask(next);
    }
    patiently()
        .setTaskStatus(
            request.build(),
            new Answer<SetTaskStatusResponse>(
                (response, asked) -> {
                  if (handout != null) {
                    ledger.acknowledged(handout);
                  }
                  take(response.hasTask() ? response.getTask() : null, asked);
                },
                status -> pool.after(recover(status), () -> unheard(id, outcome, handout))));
  }

  private void unheard(String id, TaskActivationStatus outcome, @Nullable Handout handout) {
    if (pool.isClosing()) {
      ask();
      return;
    }
    switch (settings.onUnheard()) {
      case REPEAT -> report(id, outcome, handout);
      case FORGET -> ask();
    }
  }

  /** The channel would wait longer and longer for a broker that restarts. */
  private Duration recover(Status status) {
    pool.stats().failure();
    if (status.getCode() == Status.Code.UNAVAILABLE) {
      channel.resetConnectBackoff();
    }
    return RECOVERY;
  }

  private ConsumerServiceStub patiently() {
    return broker.withDeadlineAfter(CALL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Goes on when the call is over: with its answer and its beginning, or with its failure. */
  private final class Answer<T> implements StreamObserver<T> {
    private final ObjLongConsumer<T> onAnswer;
    private final Consumer<Status> onFailure;
    private final long startNanos = System.nanoTime();
    private @Nullable T answer;

    Answer(ObjLongConsumer<T> onAnswer, Consumer<Status> onFailure) {
      this.onAnswer = onAnswer;
      this.onFailure = onFailure;
    }

    @Override
    public void onNext(T value) {
      answer = value;
    }

    @Override
    public void onError(Throwable failure) {
      onFailure.accept(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      pool.stats().answered(startNanos);
      if (answer != null) {
        onAnswer.accept(answer, startNanos);
      }
    }
  }
}
