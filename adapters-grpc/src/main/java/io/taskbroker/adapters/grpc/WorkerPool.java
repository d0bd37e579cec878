package io.taskbroker.adapters.grpc;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * The workers of one application: connections that come to be when they are needed, taken in turns.
 * Safe for all threads.
 */
final class WorkerPool {
  /** What is on its way to workers and not answered, in one application. */
  private static final long MAX_BYTES_UNDERWAY = 32 * 1024 * 1024;

  /** A host that answers nothing, not even a refusal, is taken to be away. */
  private static final int CONNECT_TIMEOUT_MS = 5_000;

  private final List<ManagedChannel> channels;
  private final AtomicInteger turns = new AtomicInteger();
  private final AtomicLong underway = new AtomicLong();

  WorkerPool(WorkerAddress address, GrpcWorkersSettings settings) {
    this.channels =
        IntStream.range(0, settings.connections()).mapToObj(_ -> open(address, settings)).toList();
  }

  private static ManagedChannel open(WorkerAddress address, GrpcWorkersSettings settings) {
    return NettyChannelBuilder.forTarget(address.target())
        .usePlaintext()
        .directExecutor()
        .defaultLoadBalancingPolicy("round_robin")
        .disableServiceConfigLookUp()
        .maxInboundMessageSize(settings.messageBytes())
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        // Only while calls wait: Python's servers cut off whoever pings them otherwise.
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  /**
   * The connection whose turn it is. One that failed is tried afresh: how often is for the caller
   * to decide, who knows whether there is work, and not for its own, ever longer pauses.
   */
  ManagedChannel next() {
    ManagedChannel channel = channels.get(Math.floorMod(turns.getAndIncrement(), channels.size()));
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.enterIdle();
    }
    return channel;
  }

  /** Counts {@code bytes} if they fit. Alone, anything fits: it has to get out somehow. */
  boolean take(long bytes) {
    long all = underway.addAndGet(bytes);
    boolean fits = all <= MAX_BYTES_UNDERWAY || all == bytes;
    if (!fits) {
      giveBack(bytes);
    }
    return fits;
  }

  void giveBack(long bytes) {
    underway.addAndGet(-bytes);
  }

  List<ManagedChannel> channels() {
    return channels;
  }
}
