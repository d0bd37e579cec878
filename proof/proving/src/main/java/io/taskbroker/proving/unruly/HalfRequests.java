package io.taskbroker.proving.unruly;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that begin many calls at a time, say that each request is as large as any may be, and
 * never send the end of it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails here is hung up on, which is no news
public final class HalfRequests implements AutoCloseable {

  private static final int MESSAGE_BYTES = 4 << 20;
  private static final String PATH =
      "/" + ConsumerServiceGrpc.getGetTaskMethod().getFullMethodName();

  private final int port;
  private final EventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Bootstrap bootstrap;
  private final ByteBuf request;
  private final int calls;
  private final AtomicLong ended = new AtomicLong();

  /**
   * @param calls of each connection
   * @param missing bytes that each request lacks; with none, only the end of the call is missing
   */
  public HalfRequests(int port, int calls, int missing) {
    this.calls = calls;
    this.port = port;
    this.request =
        Unpooled.directBuffer(5 + MESSAGE_BYTES)
            .writeByte(0)
            .writeInt(MESSAGE_BYTES)
            .writeZero(MESSAGE_BYTES - missing);
    this.bootstrap =
        new Bootstrap()
            .group(threads)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forClient().build())
                        .addLast(new Http2MultiplexHandler(new Deaf()))
                        .addLast(new Deaf());
                  }
                });
  }

  /** Opens connections, and all calls of each; returns at once. */
  public HalfRequests begin(int connections) {
    for (int i = 0; i < connections; i++) {
      ChannelFuture connection = bootstrap.connect(InetAddress.getLoopbackAddress(), port);
      connection.addListener(
          connected -> {
            for (int call = 0; connected.isSuccess() && call < calls; call++) {
              open(connection.channel());
            }
          });
    }
    return this;
  }

  private void open(Channel connection) {
    new Http2StreamChannelBootstrap(connection)
        .handler(new Deaf())
        .open()
        .addListener(
            opened -> {
              if (opened.isSuccess()) {
                write((Channel) opened.getNow());
              }
            });
  }

  private void write(Channel call) {
    Http2Headers headers =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .path(PATH)
            .authority("broker")
            .add("content-type", "application/grpc")
            .add("te", "trailers");
    call.closeFuture().addListener(_ -> ended.incrementAndGet());
    call.write(new DefaultHttp2HeadersFrame(headers));
    call.writeAndFlush(new DefaultHttp2DataFrame(request.retainedDuplicate()));
  }

  /** Calls that are over: here nobody ends one. */
  public long ended() {
    return ended.get();
  }

  /** Breaks off all connections. */
  @Override
  public void close() {
    threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    request.release();
  }

  /** Hears what is said, and does nothing. */
  private static final class Deaf extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // hung up on
    }
  }
}
