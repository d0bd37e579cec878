package io.taskbroker.adapters.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.taskbroker.domain.Moment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** How channels to workers are made: one connection each. */
final class WorkerChannels {
  /** A host that answers nothing, not even a refusal, is taken to be away. */
  private static final int CONNECT_TIMEOUT_MS = 5_000;

  private final int messageBytes;
  private final Optional<SslContext> tls;

  /**
   * @param messageBytes of the largest response
   * @param tls for workers that are called over it; empty if there are none
   */
  WorkerChannels(int messageBytes, Optional<SslContext> tls) {
    this.messageBytes = messageBytes;
    this.tls = tls;
  }

  /**
   * @param address as worker_map has it: requests name it, proxies route by it, and over TLS the
   *     worker's certificate must be for that host
   */
  ManagedChannel to(InetSocketAddress worker, WorkerAddress address) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(worker).overrideAuthority(address.toString());
    if (address.isEncrypted()) {
      builder.sslContext(tls.orElseThrow());
    } else {
      builder.usePlaintext();
    }
    return builder
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
