package io.taskbroker.adapters.grpc;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers that are called over gRPC, in plain text. They may be away: connections are made when
 * there is something to push, and made again after they broke. Their names are looked up again
 * every {@link #LOOK_UP_EVERY}.
 *
 * <p>Whoever calls {@link #push} only hands over; signing and framing is for the {@code
 * push-sender} threads, and answers come on the connections' own.
 */
public final class GrpcWorkers implements WorkerGateway, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::push");

  /** With the 30 s for which the JDK keeps an answer, a new address is known within 50 s. */
  static final Duration LOOK_UP_EVERY = Duration.ofSeconds(20);

  private static final int MAX_SENDERS = 4;

  /** One name whose servers do not answer is not to hold up all others. */
  private static final int LOOK_UPS_AT_ONCE = 4;

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
  private final ScheduledExecutorService lookUps =
      Executors.newScheduledThreadPool(
          LOOK_UPS_AT_ONCE, Thread.ofPlatform().daemon().name("worker-names-", 0).factory());

  public GrpcWorkers(GrpcWorkersSettings settings, TimeSource time) {
    this(settings, time, Names.OF_THIS_HOST, LOOK_UP_EVERY);
  }

  GrpcWorkers(GrpcWorkersSettings settings, TimeSource time, Names names, Duration lookUpEvery) {
    this.settings = settings;
    this.time = time;
    this.signatures = new Signatures(settings.sharedSecrets());
    var channels = new WorkerChannels(settings.messageBytes());
    this.pools =
        settings.addresses().entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey,
                    worker ->
                        new WorkerPool(
                            worker.getKey(),
                            worker.getValue(),
                            settings.connections(),
                            channels,
                            names,
                            time)));
    for (WorkerPool pool : pools.values()) {
      var _ =
          lookUps.scheduleWithFixedDelay(
              () -> follow(pool), 0, lookUpEvery.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void follow(WorkerPool pool) {
    try {
      pool.follow();
    } catch (RuntimeException e) { // or it would never be tried again
      LOG.warn("The workers' names could not be looked up for once", e);
    }
  }

  @Override
  public Set<String> applications() {
    return pools.keySet();
  }

  @Override
  public Workers workers(String application) {
    return pool(application).workers();
  }

  private WorkerPool pool(String application) {
    WorkerPool pool = pools.get(application);
    if (pool == null) {
      throw new IllegalArgumentException("application '" + application + "' has no workers");
    }
    return pool;
  }

  @Override
  public CompletionStage<Answer> push(
      String application, WorkerConnection over, Delivered activation) {
    WorkerPool pool = pool(application);
    var answer = new CompletableFuture<Answer>();
    try {
      senders.execute(() -> send(pool.channel(over), activation.payload(), answer));
    } catch (RejectedExecutionException _) {
      answer.complete(new Answer.Refused("the broker stops"));
    }
    return answer;
  }

  private void send(
      @Nullable ManagedChannel channel, byte[] payload, CompletableFuture<Answer> answer) {
    if (channel == null) {
      answer.complete(new Answer.Refused("this address is not among the workers' any more"));
      return;
    }
    try {
      var message = new TaskMessage(payload);
      if (message.available() > settings.messageBytes()) {
        answer.complete(
            new Answer.Undeliverable(
                "%d bytes are more than grpc_max_message_size, %d"
                    .formatted(message.available(), settings.messageBytes())));
      } else {
        new PushCall(settings.timeout(), answer).send(payload, headers(message), channel);
      }
    } catch (Throwable e) { // before anything was sent, or else the call's end has told
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

  @Override
  public CompletionStage<Health> health(String application, WorkerConnection over) {
    var health = new CompletableFuture<Health>();
    Channel channel = pool(application).channel(over);
    if (channel == null) {
      health.complete(Health.SILENT);
    } else {
      HealthCheck.ask(channel, settings.timeout(), health);
    }
    return health;
  }

  /** Gives calls in progress a moment, and ends the others; what became of those is not known. */
  @Override
  public void close() {
    lookUps.shutdownNow();
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
