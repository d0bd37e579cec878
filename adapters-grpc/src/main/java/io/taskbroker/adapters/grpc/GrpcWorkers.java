package io.taskbroker.adapters.grpc;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerGateway;
import io.taskbroker.domain.TimeSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Workers that are called over gRPC, in plain text. They may be away: connections are made when
 * there is something to push, and made again after they broke.
 *
 * <p>Whoever calls {@link #push} only hands over; signing and framing is for the {@code
 * push-sender} threads, and answers come on the connections' own.
 */
public final class GrpcWorkers implements WorkerGateway, AutoCloseable {
  private static final int MAX_SENDERS = 4;

  /** How long calls in progress are waited for at the end. */
  private static final long PATIENCE_MS = 500;

  private final GrpcWorkersSettings settings;
  private final TimeSource time;
  private final Signatures signatures;
  private final Map<String, WorkerPool> pools;
  private final ExecutorService senders =
      Executors.newFixedThreadPool(
          Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_SENDERS),
          Thread.ofPlatform().daemon().name("push-sender-", 0).factory());

  public GrpcWorkers(GrpcWorkersSettings settings, TimeSource time) {
    this.settings = settings;
    this.time = time;
    this.signatures = new Signatures(settings.sharedSecrets());
    this.pools =
        settings.addresses().entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, worker -> new WorkerPool(worker.getValue(), settings)));
  }

  @Override
  public Set<String> applications() {
    return pools.keySet();
  }

  @Override
  public CompletionStage<Answer> push(String application, Delivered activation) {
    WorkerPool pool = pools.get(application);
    if (pool == null) {
      throw new IllegalArgumentException("application '" + application + "' has no workers");
    }
    byte[] payload = activation.payload();
    if (!pool.take(payload.length)) {
      return CompletableFuture.completedFuture(new Answer.Full());
    }
    var answer = new CompletableFuture<Answer>();
    try {
      senders.execute(() -> send(pool, payload, answer));
    } catch (RejectedExecutionException _) {
      answer.complete(new Answer.Refused("the broker stops"));
    }
    return answer.whenComplete((_, _) -> pool.giveBack(payload.length));
  }

  private void send(WorkerPool pool, byte[] payload, CompletableFuture<Answer> answer) {
    try {
      var message = new TaskMessage(payload);
      if (message.available() > settings.messageBytes()) {
        answer.complete(
            new Answer.Undeliverable(
                "%d bytes are more than grpc_max_message_size, %d"
                    .formatted(message.available(), settings.messageBytes())));
      } else {
        new PushCall(settings.timeout(), answer).send(payload, headers(message), pool.next());
      }
    } catch (RuntimeException e) { // before anything was sent, or else the call's end has told
      answer.complete(new Answer.Refused("it could not be sent: " + e));
    }
  }

  private Metadata headers(TaskMessage message) {
    var headers = new Metadata();
    String signature = signatures.sign(PushCall.PATH, message.parts());
    if (signature != null) {
      headers.put(Signatures.HEADER, signature);
    }
    return headers;
  }

  /** Gives calls in progress a moment, and ends the others; what became of those is not known. */
  @Override
  public void close() {
    senders.shutdown();
    List<ManagedChannel> channels =
        pools.values().stream().flatMap(pool -> pool.channels().stream()).toList();
    channels.forEach(ManagedChannel::shutdown);
    long endMs = time.now().monotonicMs() + PATIENCE_MS;
    try {
      for (ManagedChannel channel : channels) {
        channel.awaitTermination(endMs - time.now().monotonicMs(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
