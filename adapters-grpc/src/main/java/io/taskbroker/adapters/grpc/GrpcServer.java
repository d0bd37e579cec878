package io.taskbroker.adapters.grpc;

import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.RecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.util.ResourceLeakDetector;
import io.taskbroker.adapters.grpc.tls.Credentials;
import io.taskbroker.application.Defects;
import io.taskbroker.application.Health;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.dispatch.CallMetrics;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.TimeSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Serves workers over gRPC, over TLS if the settings say so. All calls run on the connections' own
 * threads, which never block.
 */
public final class GrpcServer implements AutoCloseable {
  /** How long calls in progress, and then connections, are waited for at the end. */
  private static final long PATIENCE_MS = 1_000;

  /** How soon those who watch the health learn of a change. */
  private static final Duration HEALTH_INTERVAL = Duration.ofMillis(200);

  /** How soon an attached worker is given something again after a claim that failed. */
  private static final Duration EXCHANGE_INTERVAL = Duration.ofMillis(200);

  private static final int WINDOW_BYTES = 256 * 1024;

  /**
   * Connections that wait to be accepted: a flood of them must not make the kernel drop a probe.
   */
  private static final int BACKLOG = 4_096;

  /**
   * Largest metadata that can be answered at all: above it HTTP/2 knows no answer but the end of
   * the connection. What is taken is less, see {@link GrpcServerLimits.Requests}.
   */
  private static final int METADATA_BYTES = 256 * 1024;

  /** Who sends much is read for a while, and then it is the others' turn. */
  private static final RecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(64, 2_048, 16 * 1024).maxMessagesPerRead(2);

  private final GrpcServerSettings settings;
  private final GrpcServerLimits limits;
  private final Dispatch dispatch;
  private final Exchange exchange;
  private final Health health;
  private final HealthEndpoint healthEndpoint;
  private final CallWatch calls;
  private final Loop healthWatch;
  private final Loop exchangeTicks;
  private final TimeSource time;
  private final EventLoops loops = new EventLoops();
  private final Optional<Loop> renewals;
  private final Optional<TlsDoor> tls;
  private final Server server;
  private final ExchangeDesk streams;

  /** Counts no calls. */
  public GrpcServer(
      GrpcServerSettings settings,
      GrpcServerLimits limits,
      Dispatch dispatch,
      Exchange exchange,
      Health health,
      TimeSource time) {
    this(settings, limits, dispatch, exchange, health, time, CallMetrics.NONE);
  }

  public GrpcServer(
      GrpcServerSettings settings,
      GrpcServerLimits limits,
      Dispatch dispatch,
      Exchange exchange,
      Health health,
      TimeSource time,
      CallMetrics metrics) {
    this.settings = settings;
    this.limits = limits;
    this.dispatch = dispatch;
    this.exchange = exchange;
    this.health = health;
    this.time = time;
    this.healthEndpoint = new HealthEndpoint(health, limits.answers().watchers());
    this.healthWatch =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "grpc-health",
            healthEndpoint::look,
            HEALTH_INTERVAL,
            new Defects("those who watch the health were not told", time),
            health.watch(new Heartbeat("grpc-health", time, Duration.ZERO)));
    this.exchangeTicks =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "grpc-exchange",
            this::tickExchange,
            EXCHANGE_INTERVAL,
            new Defects("workers that are attached were not looked after", time),
            health.watch(new Heartbeat("grpc-exchange", time, Duration.ZERO)));
    this.calls = new CallWatch(time, metrics);
    Optional<Credentials> credentials =
        settings.tls().map(files -> Credentials.ofServer(files, time));
    this.tls =
        credentials.map(own -> new TlsDoor(own.context(), limits.connections().handshake(), time));
    this.renewals = credentials.map(this::renewing);
    WorkerCall.Desk desk = desk();
    var ages = new ConnectionAges(limits.connections().age(), time);
    this.streams = new ExchangeDesk(desk, exchange, ages, settings.heartbeat());
    this.server = build(desk, ages);
  }

  private Loop renewing(Credentials credentials) {
    return Loop.enduring(
        SystemThreads.INSTANCE,
        "grpc-certificates",
        () -> {
          credentials.look();
          return 0;
        },
        Credentials.LOOK_EVERY,
        new Defects("renewed certificates were not looked for", time),
        health.remark(new Heartbeat("grpc-certificates", time, Duration.ZERO)));
  }

  private WorkerCall.Desk desk() {
    return new WorkerCall.Desk(
        new OuterWall(limits, OpenFiles.most(), time),
        new Doorkeeper(new Signatures(settings.sharedSecrets()), dispatch.refusals(), time),
        dispatch,
        new BytesUnderway(limits, time),
        new LongPoll(limits.answers().longestWait(), time),
        new Failures(time));
  }

  private int tickExchange() {
    exchange.tick();
    return 0;
  }

  private Server build(WorkerCall.Desk desk, ConnectionAges ages) {
    // Netty samples buffers and writes down where each was touched: for finding leaks, not for
    // work.
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    OuterWall wall = desk.wall();
    BytesUnderway underway = desk.underway();
    GrpcServerLimits.Connections connections = limits.connections();
    Duration grace = connections.grace().plus(ages.spread());
    return NettyServerBuilder.forAddress(address())
        .directExecutor()
        .bossEventLoopGroup(loops.accepting())
        .workerEventLoopGroup(loops.working())
        .channelFactory(loops.listeningThrough(wall.doorway(tls)))
        .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
        .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, READS)
        .addStreamTracerFactory(calls)
        .addStreamTracerFactory(new CallCutter())
        .addStreamTracerFactory(wall.calls())
        .addTransportFilter(underway)
        .addTransportFilter(new Callers(dispatch.departed(), time))
        .addTransportFilter(ages)
        .addTransportFilter(wall.connections())
        .intercept(new MetadataLimit(limits.requests().metadataBytes()))
        .addService(new ConsumerEndpoint(desk, new UnknownReports(time)).definition())
        .addService(new ExchangeEndpoint(desk, exchange, streams).definition())
        .addService(healthEndpoint)
        .maxInboundMessageSize(limits.requests().bytes())
        .maxInboundMetadataSize(METADATA_BYTES)
        .maxConcurrentCallsPerConnection(connections.calls())
        // What a connection may bring before anybody has looked at what it brought before.
        .flowControlWindow(WINDOW_BYTES)
        // Signatures cover bytes as they travel, so nothing is compressed, either way.
        .compressorRegistry(CompressorRegistry.newEmptyInstance())
        .decompressorRegistry(DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
        // Workers ping as often as they like: some ping idle connections every few seconds.
        .permitKeepAliveTime(1, TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        // A peer that vanished is noticed, and what was on its way to it goes back.
        .keepAliveTime(20, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        // Workers learn of brokers that were added, and of addresses that have changed.
        .maxConnectionAge(connections.age().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAgeGrace(grace.toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(connections.idle().toMillis(), TimeUnit.MILLISECONDS)
        // One that never says what it wants holds a place for so long.
        .handshakeTimeout(connections.handshake().toMillis(), TimeUnit.MILLISECONDS)
        .build();
  }

  private InetSocketAddress address() {
    var address = new InetSocketAddress(settings.address(), settings.port());
    if (address.isUnresolved()) {
      throw new ListenException(
          "cannot listen on grpc_addr '%s': no such host. Set it to an IP address, for example 0.0.0.0"
              .formatted(settings.address()));
    }
    return address;
  }

  /**
   * Begins to listen.
   *
   * @throws ListenException if the port is taken, or the address is not one of this machine
   */
  public GrpcServer start() {
    try {
      server.start();
    } catch (IOException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new ListenException(
          "cannot listen on %s:%d (grpc_addr, grpc_port): %s. Stop what uses the port, or choose another"
              .formatted(settings.address(), settings.port(), reason.getMessage()),
          e);
    }
    loops.beat(health, time);
    healthWatch.start();
    exchangeTicks.start();
    renewals.ifPresent(Loop::start);
    return this;
  }

  /** Where it listens: what was asked for, or, if that was 0, some free port. */
  public int port() {
    return server.getPort();
  }

  /** Where and how it listens, for the log; such as {@code 0.0.0.0:50051 over TLS}. */
  @Override
  public String toString() {
    return settings.address() + ":" + port() + (tls.isPresent() ? " over TLS" : "");
  }

  /**
   * Hands out nothing any more and lets workers report what they have; returns once they are
   * silent, and after a few seconds in any case.
   */
  public void drain() {
    dispatch.drain();
    exchange.drain();
    health.drain();
    healthWatch.nudge();
    try {
      calls.awaitQuiet(limits.draining().quiet(), limits.draining().atMost());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends every call and connection, at the latest after two seconds. */
  @Override
  public void close() {
    exchangeTicks.close();
    streams.close();
    server.shutdown();
    healthWatch.close();
    healthEndpoint.close();
    try {
      if (!server.awaitTermination(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(PATIENCE_MS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    renewals.ifPresent(Loop::close);
    loops.close();
    tls.ifPresent(TlsDoor::close);
  }
}
