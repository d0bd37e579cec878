package io.taskbroker.adapters.grpc;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.taskbroker.application.Health;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says over gRPC how the broker is. The overall service, whose name is empty, is always serving.
 */
final class HealthEndpoint extends HealthGrpc.HealthImplBase {
  private static final String OVERALL = "";

  private final Health health;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();

  HealthEndpoint(Health health) {
    this.health = health;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    switch (request.getService()) {
      case OVERALL -> {
        answer.onNext(response(true));
        answer.onCompleted();
      }
      case ConsumerServiceGrpc.SERVICE_NAME -> {
        answer.onNext(response(health.isServing()));
        answer.onCompleted();
      }
      default -> answer.onError(notRegistered());
    }
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    switch (request.getService()) {
      case OVERALL -> new Watcher(answer).tell(true);
      case ConsumerServiceGrpc.SERVICE_NAME -> new Watcher(answer).subscribe();
      default -> answer.onError(notRegistered());
    }
  }

  /** Ends all watching, so that it does not keep connections open. */
  void close() {
    watchers.forEach(Watcher::end);
  }

  private static RuntimeException notRegistered() {
    return Status.NOT_FOUND.withDescription("service not registered").asRuntimeException();
  }

  private static HealthCheckResponse response(boolean serving) {
    return HealthCheckResponse.newBuilder()
        .setStatus(serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
        .build();
  }

  /** One client that watches. It is told by several threads, one at a time. */
  private final class Watcher {
    private final ServerCallStreamObserver<HealthCheckResponse> observer;
    private Runnable unsubscribe = () -> {};
    private boolean ended;

    Watcher(StreamObserver<HealthCheckResponse> answer) {
      this.observer = (ServerCallStreamObserver<HealthCheckResponse>) answer;
      observer.setOnCancelHandler(this::forget);
      watchers.add(this);
    }

    synchronized void subscribe() {
      unsubscribe = health.subscribe(this::tell);
    }

    synchronized void tell(boolean serving) {
      if (!ended && !observer.isCancelled()) {
        observer.onNext(response(serving));
      }
    }

    synchronized void end() {
      if (!ended && !observer.isCancelled()) {
        observer.onError(
            Status.UNAVAILABLE.withDescription("The broker is shutting down").asRuntimeException());
      }
      forget();
    }

    private synchronized void forget() {
      ended = true;
      unsubscribe.run();
      watchers.remove(this);
    }
  }
}
