package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.taskbroker.application.Health;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The server's threads: one accepts connections, the others read and answer, as many as there are
 * processors and at least two. Each gives a sign of life, so that health notices one that hangs.
 */
final class EventLoops implements AutoCloseable {
  /**
   * How long a thread may be busy: on a machine with too much to do, and during a collection of
   * garbage, seconds pass without any fault of its own.
   */
  private static final Duration BUSY = Duration.ofSeconds(10);

  /** How often each thread gives its sign of life. */
  private static final Duration BEAT = Duration.ofSeconds(1);

  private final boolean hasEpoll = Epoll.isAvailable();
  private final EventLoopGroup accepting = group("grpc-accept", 1);

  private final EventLoopGroup working =
      group("grpc-io", Math.max(2, Runtime.getRuntime().availableProcessors()));

  private final List<Heartbeat> heartbeats = new ArrayList<>();

  private EventLoopGroup group(String name, int threads) {
    IoHandlerFactory handlers = hasEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers);
  }

  EventLoopGroup accepting() {
    return accepting;
  }

  EventLoopGroup working() {
    return working;
  }

  /** Makes the channel that accepts connections, with a handler that sees each of them first. */
  ChannelFactory<ServerChannel> listeningThrough(ChannelHandler doorway) {
    return () -> {
      ServerChannel channel =
          hasEpoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
      channel.pipeline().addLast(doorway);
      return channel;
    };
  }

  /** From here on each thread that handles connections is watched. */
  void beat(Health health, TimeSource time) {
    int number = 1;
    for (EventExecutor loop : working) {
      Heartbeat heartbeat = health.watch(new Heartbeat("grpc-io-" + number++, time, Duration.ZERO));
      heartbeats.add(heartbeat);
      heartbeat.rest(BEAT.plus(BUSY));
      var _ =
          loop.scheduleWithFixedDelay(
              () -> heartbeat.rest(BEAT.plus(BUSY)), 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Ends the threads; what they have begun is done. */
  @Override
  public void close() {
    heartbeats.forEach(Heartbeat::end);
    var _ = accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    var _ = working.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
