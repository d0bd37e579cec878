package io.taskbroker.adapters.grpc;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.taskbroker.application.push.WorkerGateway.Health;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks the health service of a worker once. It is not watched: in Python's server each watcher
 * takes one of the threads that accept tasks.
 */
final class HealthCheck implements StreamObserver<HealthCheckResponse> {
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final CompletableFuture<Health> health;

  private HealthCheck(CompletableFuture<Health> health) {
    this.health = health;
  }

  /**
   * @param timeout at most; five seconds are enough
   * @param health completed on a thread of the connection
   */
  static void ask(Channel worker, Duration timeout, CompletableFuture<Health> health) {
    Duration within = timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
    HealthGrpc.newStub(worker)
        .withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS)
        .check(HealthCheckRequest.getDefaultInstance(), new HealthCheck(health));
  }

  @Override
  public void onNext(HealthCheckResponse answer) {
    health.complete(
        switch (answer.getStatus()) {
          case SERVING -> Health.SERVING;
          case SERVICE_UNKNOWN -> Health.NO_SERVICE;
          case UNKNOWN, NOT_SERVING, UNRECOGNIZED -> Health.NOT_SERVING;
        });
  }

  @Override
  public void onError(Throwable failure) {
    health.complete(
        switch (Status.fromThrowable(failure).getCode()) {
          case UNIMPLEMENTED, NOT_FOUND, UNAUTHENTICATED, PERMISSION_DENIED -> Health.NO_SERVICE;
          case OK,
              CANCELLED,
              UNKNOWN,
              INVALID_ARGUMENT,
              DEADLINE_EXCEEDED,
              ALREADY_EXISTS,
              RESOURCE_EXHAUSTED,
              FAILED_PRECONDITION,
              ABORTED,
              OUT_OF_RANGE,
              INTERNAL,
              UNAVAILABLE,
              DATA_LOSS ->
              Health.SILENT;
        });
  }

  @Override
  public void onCompleted() {
    health.complete(Health.SILENT); // without an answer before it
  }
}
