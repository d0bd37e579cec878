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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says over gRPC how the broker is. The overall service, whose name is empty, is always serving.
 */
final class HealthEndpoint extends HealthGrpc.HealthImplBase {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::health");
  private static final String OVERALL = "";

  private final Health health;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private final int mostWatchers;
  private boolean wasServing = true;

  /**
   * @param mostWatchers who may watch at a time; further ones are refused, and may ask
   */
  HealthEndpoint(Health health, int mostWatchers) {
    this.health = health;
    this.mostWatchers = mostWatchers;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    BooleanSupplier serving = service(request);
    if (serving == null) {
      answer.onError(notRegistered());
    } else {
      answer.onNext(response(serving.getAsBoolean()));
      answer.onCompleted();
    }
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    BooleanSupplier serving = service(request);
    if (serving == null) {
      answer.onError(notRegistered());
    } else if (watchers.size() >= mostWatchers) {
      answer.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("Too many clients watch the health; ask with Check")
              .asRuntimeException());
    } else {
      var watcher = new Watcher((ServerCallStreamObserver<HealthCheckResponse>) answer, serving);
      watcher.observer.setOnCancelHandler(() -> watchers.remove(watcher));
      watchers.add(watcher);
      watcher.look();
    }
  }

  /** Tells those who watch what has changed since they were told. Called by one thread. */
  int look() {
    Optional<String> whyNot = health.whyNot();
    if (wasServing && whyNot.isPresent()) {
      LOG.warn("Workers are told to stay away: {}", whyNot.get());
    } else if (!wasServing && whyNot.isEmpty()) {
      LOG.info("Workers are welcome again");
    }
    wasServing = whyNot.isEmpty();
    watchers.forEach(Watcher::look);
    return 0;
  }

  /** Ends all watching, so that it does not keep connections open. */
  void close() {
    watchers.forEach(Watcher::end);
  }

  /** Whether the service in question is serving; null if there is no such service. */
  private @Nullable BooleanSupplier service(HealthCheckRequest request) {
    return switch (request.getService()) {
      case OVERALL -> () -> true;
      case ConsumerServiceGrpc.SERVICE_NAME -> health::isServing;
      default -> null;
    };
  }

  private static RuntimeException notRegistered() {
    return Status.NOT_FOUND.withDescription("service not registered").asRuntimeException();
  }

  private static HealthCheckResponse response(boolean serving) {
    return HealthCheckResponse.newBuilder()
        .setStatus(serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
        .build();
  }

  /** One client that watches. Safe for all threads. */
  private static final class Watcher {
    private final ServerCallStreamObserver<HealthCheckResponse> observer;
    private final BooleanSupplier serving;
    private @Nullable Boolean told;
    private boolean ended;

    Watcher(ServerCallStreamObserver<HealthCheckResponse> observer, BooleanSupplier serving) {
      this.observer = observer;
      this.serving = serving;
    }

    synchronized void look() {
      Boolean now = serving.getAsBoolean();
      if (!now.equals(told) && isListening()) {
        told = now;
        observer.onNext(response(now));
      }
    }

    synchronized void end() {
      if (isListening()) {
        ended = true;
        observer.onError(
            Status.UNAVAILABLE.withDescription("The broker is shutting down").asRuntimeException());
      }
    }

    private boolean isListening() {
      return !ended && !observer.isCancelled();
    }
  }
}
