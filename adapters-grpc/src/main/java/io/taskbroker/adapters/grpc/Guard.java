package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Stands on one connection, before everything that understands it, and sees the frames go by: only
 * whole ones are passed on, so that nothing behind it has to keep half of one. It knows by them
 * which calls are open and what they keep in memory, and ends what takes too long or comes too
 * often.
 *
 * <p>Used on the connection's thread, but for what says otherwise.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails here is a connection that ends
final class Guard extends ChannelDuplexHandler implements WholeFrames.Watcher {
  /** How often calls are looked through. */
  private static final long LOOK_MS = 1_000;

  /** Frames a second that bring no call and no data: pings, settings, windows, resets. */
  private static final int IDLE_FRAMES = 1_000;

  /** Those that may come at once, as when a worker with many calls under way stops. */
  private static final int IDLE_FRAMES_AT_ONCE = 4_000;

  /** A reset counts twice, since a call was begun for it: 500 a second, 2 000 at once. */
  private static final int RESET_FRAMES = 2;

  /** What each frame of ours earns: clients answer data with windows, and answers with pings. */
  private static final int EARNED_FRAMES = 4;

  private final OuterWall wall;
  private final Channel channel;
  private final SocketAddress address;
  private final OpenCalls calls;
  private final WholeFrames frames;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> looking;
  private boolean isEnding;
  private int idleFrames = IDLE_FRAMES_AT_ONCE;

  private final OwnFrames ours = new OwnFrames();

  /** What all together know of {@link #held}. Written here, read by all. */
  private volatile long reported;

  /** Whether it has made a valid request. Guarded by the wall. */
  private final AtomicBoolean seated = new AtomicBoolean();

  /** Somebody else has its place. */
  private volatile boolean unwanted;

  /** Its place among those that wait. */
  private final long ticket;

  Guard(OuterWall wall, Channel channel, SocketAddress address, long ticket) {
    this.wall = wall;
    this.channel = channel;
    this.address = address;
    this.ticket = ticket;
    this.calls = new OpenCalls(wall::nanos);
    this.frames = new WholeFrames(wall::nanos, this);
  }

  SocketAddress address() {
    return address;
  }

  /** What all connections of one machine have in common. */
  Object host() {
    return address instanceof InetSocketAddress inet ? inet.getAddress() : address;
  }

  long ticket() {
    return ticket;
  }

  boolean isSeated() {
    return seated.get();
  }

  void seat() {
    seated.set(true);
  }

  /** Takes its seat away; false if it has none, so that each is given back once. */
  boolean unseat() {
    return seated.getAndSet(false);
  }

  /** Bytes that its unfinished requests keep in memory. Safe for all threads. */
  long held() {
    return reported;
  }

  /** The call that is being opened on this thread. */
  @Nullable OpenCall newest() {
    return calls.newest();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    if (unwanted) {
      added.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    looking =
        ctx.executor()
            .scheduleWithFixedDelay(
                () -> look(wall.nanos()), LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    ctx.fireChannelActive();
  }

  /** Hangs up at once; what stands behind would wait for its calls. Safe for all threads. */
  void close() {
    unwanted = true;
    if (channel.isRegistered()) {
      channel.eventLoop().execute(this::closeHere);
    }
  }

  /** Past TLS, which would wait until the client has read its good-bye. */
  private void closeHere() {
    if (context != null) {
      channel.pipeline().firstContext().close();
    }
  }

  /** Has {@link #shed} done on the connection's thread. Safe for all threads. */
  void askToShed(long bytes) {
    channel.eventLoop().execute(() -> shed(bytes));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (frames.isPlain() || !(message instanceof ByteBuf in)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      frames.read(ctx, in);
    } finally {
      settle();
    }
  }

  /** Sees a frame that has come; whether its payload is kept until a request is whole. */
  @Override
  public boolean sees(ByteBuf bytes, int at, int length) {
    int stream = Frame.stream(bytes, at);
    switch (Frame.type(bytes, at)) {
      case Frame.HEADERS -> {
        return judge(calls.headers(bytes, at, length, stream, isSeated()));
      }
      case Frame.CONTINUATION -> {
        return judge(calls.continuation(bytes, at, length));
      }
      case Frame.DATA -> {
        return judge(calls.data(bytes, at, length, stream));
      }
      case Frame.RST_STREAM -> {
        calls.forget(stream);
        spend(RESET_FRAMES);
      }
      default -> spend(1);
    }
    return false;
  }

  private boolean judge(OpenCalls.Sight sight) {
    switch (sight) {
      case CALL, KEPT -> {}
      case IDLE -> spend(1);
      case TOO_MANY -> end("too many requests before the first is whole");
      case TOO_LARGE -> end("metadata too large");
    }
    return sight == OpenCalls.Sight.KEPT;
  }

  @Override
  public boolean isEnding() {
    return isEnding;
  }

  private void spend(int some) {
    idleFrames -= some;
    if (idleFrames < 0) {
      end("too many frames without a call");
    }
  }

  /** Sees what leaves: each write begins with a frame's head, or is the rest of one. */
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf out) {
      ours.read(out, this::seeOurs);
    }
    ctx.write(message, promise);
  }

  private void seeOurs(ByteBuf out, int at) {
    int stream = Frame.stream(out, at);
    OpenCall call = stream == 0 ? null : calls.get(stream);
    if (call == null) {
      return;
    }
    int type = Frame.type(out, at);
    idleFrames = Math.min(IDLE_FRAMES_AT_ONCE, idleFrames + EARNED_FRAMES);
    boolean isOver =
        type == Frame.RST_STREAM
            || ((type == Frame.DATA || type == Frame.HEADERS)
                && Frame.has(Frame.END_STREAM, out, at));
    if (isOver) {
      calls.forget(stream);
    } else {
      call.answers(wall.nanos());
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    settle();
  }

  /** Tells the wall what is kept here, if that has changed. */
  private void settle() {
    long held = calls.held() + frames.held();
    long change = held - reported;
    if (change != 0) {
      reported = held;
      wall.keeps(change);
    }
  }

  /** Ends what takes too long. */
  private void look(long now) {
    ChannelHandlerContext here = context;
    if (here == null || isEnding) {
      return;
    }
    idleFrames = Math.min(IDLE_FRAMES_AT_ONCE, idleFrames + IDLE_FRAMES);
    GrpcServerLimits limits = wall.limits();
    if (frames.isLate(limits.requests().within(), now) || calls.areHeadersLate(limits, now)) {
      end("a frame took too long");
      return;
    }
    List<OpenCall> late = calls.late(limits, now);
    if (reset(late) > 0) {
      wall.complain(OuterWall.Complaint.SLOW, late.size(), address);
    }
  }

  /** Ends calls until {@code bytes} are given back. */
  private void shed(long bytes) {
    List<OpenCall> victims = calls.keeping(bytes);
    if (reset(victims) > 0) {
      wall.complain(OuterWall.Complaint.SHED, victims.size(), address);
    }
  }

  /**
   * Ends calls on both sides, as if the client had given them up; tells the client to calm down.
   */
  private int reset(List<OpenCall> ended) {
    ChannelHandlerContext here = context;
    if (here == null || ended.isEmpty() || calls.isInHeaders()) {
      return 0; // nothing may come between the parts of a header block, which is bounded itself
    }
    for (OpenCall call : ended) {
      here.write(Frame.reset(call.stream, Frame.ENHANCE_YOUR_CALM));
      calls.forget(call.stream);
      here.fireChannelRead(Frame.reset(call.stream, Frame.CANCEL));
    }
    here.fireChannelReadComplete();
    here.flush();
    settle();
    return ended.size();
  }

  private void end(String why) {
    ChannelHandlerContext here = context;
    if (!isEnding && here != null) {
      isEnding = true;
      wall.complain(OuterWall.Complaint.ENDED, 1, address);
      here.writeAndFlush(Frame.goAway(calls.lastStream(), why));
      // After what is being read: nothing is taken away from under those who read it.
      here.executor().execute(here::close);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (looking != null) {
      looking.cancel(false);
    }
    calls.endAll();
    frames.release();
    settle();
    ctx.fireChannelInactive();
  }
}
