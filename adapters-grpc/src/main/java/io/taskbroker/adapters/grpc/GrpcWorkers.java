package io.taskbroker.adapters.grpc;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.taskbroker.adapters.grpc.tls.Credentials;
import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/**
 * Workers that are called over gRPC. They may be away: connections are made when there is something
 * to push, and made again after they broke. Their names are looked up again every {@link
 * #LOOK_UP_EVERY}.
 *
 * <p>Whoever calls {@link #push} only hands over; signing and framing is for the {@code
 * push-sender} threads, and answers come on the connections' own.
 */
public final class GrpcWorkers implements WorkerGateway, AutoCloseable {
  /** With the 30 s for which the JDK keeps an answer, a new address is known within 50 s. */
  static final Duration LOOK_UP_EVERY = Duration.ofSeconds(20);

  private static final int MAX_SENDERS = 4;

  /** One name whose servers do not answer is not to hold up all others. */
  private static final int LOOK_UPS_AT_ONCE = 4;

  /** Resolvers try several servers, and each of them more than once. */
  private static final Duration LONGEST_LOOK_UP = Duration.ofSeconds(30);

  /** How long calls in progress are waited for at the end. */
  private static final long PATIENCE_MS = 500;

  private final GrpcWorkersSettings settings;
  private final TimeSource time;
  private final Defects lookUpFaults;
  private final Signatures signatures;
  private final Map<String, WorkerPool> pools;
  private final WatchedThreads senderThreads;
  private final ExecutorService senders;
  private final WatchedThreads lookUpThreads;
  private final ScheduledExecutorService lookUps;

  public GrpcWorkers(GrpcWorkersSettings settings, TimeSource time) {
    this(settings, time, Names.OF_THIS_HOST, LOOK_UP_EVERY);
  }

  GrpcWorkers(GrpcWorkersSettings settings, TimeSource time, Names names, Duration lookUpEvery) {
    this.settings = settings;
    this.time = time;
    this.lookUpFaults = new Defects("names of workers were not looked up", time);
    this.signatures = new Signatures(settings.sharedSecrets());
    int most = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_SENDERS);
    this.senderThreads = new WatchedThreads(most, "push-sender-", this::ofSender);
    this.senders = Executors.newFixedThreadPool(most, senderThreads);
    this.lookUpThreads = new WatchedThreads(LOOK_UPS_AT_ONCE, "worker-names-", this::ofLookUp);
    this.lookUps = Executors.newScheduledThreadPool(LOOK_UPS_AT_ONCE, lookUpThreads);
    Optional<Credentials> credentials =
        settings.encrypts()
            ? Optional.of(Credentials.ofCaller(settings.tls(), time))
            : Optional.empty();
    var channels =
        new WorkerChannels(settings.messageBytes(), credentials.map(Credentials::context));
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
              () -> lookUpThreads.watch(() -> follow(pool)),
              0,
              lookUpEvery.toMillis(),
              TimeUnit.MILLISECONDS);
    }
    credentials.ifPresent(this::renew);
  }

  private void renew(Credentials credentials) {
    long everyMs = Credentials.LOOK_EVERY.toMillis();
    var _ =
        lookUps.scheduleWithFixedDelay(
            () -> lookUpThreads.watch(() -> look(credentials)),
            everyMs,
            everyMs,
            TimeUnit.MILLISECONDS);
  }

  private void look(Credentials credentials) {
    try {
      credentials.look();
    } catch (RuntimeException | Error e) { // or it would never be tried again
      lookUpFaults.accept(e);
    }
  }

  private Heartbeat ofSender(String name) {
    return new Heartbeat(
        name,
        time,
        Duration.ZERO,
        "it does not come back from handing a push to its connection",
        "Fewer pushes are sent meanwhile, or none. Take a thread dump (SIGQUIT), which shows what"
            + " it waits for, and restart the broker if it does not go on.");
  }

  private Heartbeat ofLookUp(String name) {
    return new Heartbeat(
        name,
        time,
        LONGEST_LOOK_UP,
        "the name servers do not answer, or not in time",
        "Workers at known addresses are called, and new addresses are not seen. See worker_map, the"
            + " name servers and the resolver's settings of this host.");
  }

  private void follow(WorkerPool pool) {
    try {
      pool.follow();
    } catch (RuntimeException | Error e) { // or it would never be tried again
      lookUpFaults.accept(e);
    }
  }

  /** The signs of life of the threads that send, without which nothing is pushed. */
  public List<Heartbeat> senderHeartbeats() {
    return senderThreads.heartbeats();
  }

  /** The signs of life of the threads that look names up. Known addresses do without them. */
  public List<Heartbeat> lookUpHeartbeats() {
    return lookUpThreads.heartbeats();
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
      senders.execute(
          () -> senderThreads.watch(() -> send(pool.channel(over), activation.payload(), answer)));
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
