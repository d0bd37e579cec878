package io.taskbroker.adapters.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.taskbroker.domain.Moment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** How channels to workers are made: one connection each, in plain text. */
final class WorkerChannels {
  /** A host that answers nothing, not even a refusal, is taken to be away. */
  private static final int CONNECT_TIMEOUT_MS = 5_000;

  private final int messageBytes;

  /**
   * @param messageBytes of the largest response
   */
  WorkerChannels(int messageBytes) {
    this.messageBytes = messageBytes;
  }

  /**
   * @param authority that requests name, as worker_map has it: proxies route by it
   */
  ManagedChannel to(InetSocketAddress worker, String authority) {
    return NettyChannelBuilder.forAddress(worker)
        .overrideAuthority(authority)
        .usePlaintext()
        .directExecutor()
        .disableServiceConfigLookUp()
        .maxInboundMessageSize(messageBytes)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        // Only while calls wait: Python's servers cut off whoever pings them otherwise.
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  /** When a channel that is made now is replaced: after {@code age}, a fifth more or less. */
  Moment renewal(Moment now, Duration age) {
    long ms = age.toMillis();
    return now.plusMs(ms + ThreadLocalRandom.current().nextLong(-ms / 5, ms / 5));
  }
}
