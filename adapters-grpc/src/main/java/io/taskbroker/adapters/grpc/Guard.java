package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands on one connection, before everything that understands it, and sees the frames go by: whole
 * ones are passed on, so that nothing behind it has to keep half of one. It knows by them which
 * calls are open and what they keep in memory, and ends what takes too long or comes too often.
 *
 * <p>Bytes that will be kept until a request is whole are copied to the heap, to arrays of their
 * own size: a byte would otherwise keep the whole buffer that it was read into.
 *
 * <p>Used on the connection's thread, but for what says otherwise.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails here is a connection that ends
final class Guard extends ChannelDuplexHandler {
  /** A header block above it cannot be answered with a status any more; see {@link GrpcServer}. */
  static final int HEADER_BLOCK_BYTES = 320 * 1024;

  /**
   * Unfinished requests of a connection that has made no valid one yet. Workers send small requests
   * whole; reading the headers of more would only cost time.
   */
  static final int UNFINISHED_AT_FIRST = 32;

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
  private final OpenCall.Sum kept = new OpenCall.Sum();
  private final Map<Integer, OpenCall> open = new LinkedHashMap<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> looking;
  private int prefaceLeft = Frame.PREFACE_BYTES;
  private boolean isPlain;
  private boolean isEnding;
  private int lastStream;
  private int frames = IDLE_FRAMES_AT_ONCE;

  /** The beginning of a frame; null if there is none. */
  private @Nullable ByteBuf partial;

  private long partialSince;

  /** Whether what is being read begins with {@link #partial}. */
  private boolean continuesPartial;

  /** The call whose headers are not whole; null if there is none. */
  private @Nullable OpenCall block;

  private int blockBytes;
  private long blockSince;

  /** What is left to come of a frame of ours. */
  private int oursLeft;

  /** The call whose headers were passed on last. */
  private @Nullable OpenCall newest;

  private boolean keepsData;

  /** What all together know of {@link #held}. Written here, read by all. */
  private volatile long reported;

  /** Whether it has made a valid request. Guarded by the wall. */
  private volatile boolean seated;

  /** Somebody else has its place. */
  private volatile boolean unwanted;

  /** Its place among those that wait. */
  private final long ticket;

  Guard(OuterWall wall, Channel channel, SocketAddress address, long ticket) {
    this.wall = wall;
    this.channel = channel;
    this.address = address;
    this.ticket = ticket;
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
    return seated;
  }

  void seat() {
    seated = true;
  }

  /** Bytes that its unfinished requests keep in memory. Safe for all threads. */
  long held() {
    return reported;
  }

  /** The call that is being opened on this thread. */
  @Nullable OpenCall newest() {
    return newest;
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

  private void closeHere() {
    if (context != null) {
      context.close();
    }
  }

  /** Has {@link #shed} done on the connection's thread. Safe for all threads. */
  void askToShed(long bytes) {
    channel.eventLoop().execute(() -> shed(bytes));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (isPlain || !(message instanceof ByteBuf in)) {
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuf bytes = joined(in);
    try {
      read(ctx, bytes);
    } finally {
      bytes.release();
      settle();
    }
  }

  /** With the part of a frame that has come before. */
  private ByteBuf joined(ByteBuf in) {
    ByteBuf before = partial;
    continuesPartial = before != null;
    if (before == null) {
      return in;
    }
    partial = null;
    return Unpooled.wrappedBuffer(before, in);
  }

  private void read(ChannelHandlerContext ctx, ByteBuf bytes) {
    int begun = skipPreface(ctx, bytes);
    int at = begun;
    int end = bytes.writerIndex();
    boolean hasHeaders = false;
    while (end - at >= Frame.HEAD_BYTES && !isEnding) {
      int length = Frame.length(bytes, at);
      if (length > Frame.MOST_BYTES) {
        isPlain = true; // an error, and answered as one by what stands behind
        pass(ctx, bytes, begun, end);
        return;
      }
      if (end - at < Frame.HEAD_BYTES + length) {
        break;
      }
      if (Frame.type(bytes, at) == Frame.HEADERS) {
        if (hasHeaders) { // one call at a time, so that it can be told which is being opened
          pass(ctx, bytes, begun, at);
          begun = at;
        }
        hasHeaders = true;
      }
      see(bytes, at, length);
      at += Frame.HEAD_BYTES + length;
    }
    pass(ctx, bytes, begun, at);
    keep(bytes, at, end);
  }

  private int skipPreface(ChannelHandlerContext ctx, ByteBuf bytes) {
    int from = bytes.readerIndex();
    int some = Math.min(prefaceLeft, bytes.readableBytes());
    if (some > 0) {
      prefaceLeft -= some;
      ctx.fireChannelRead(bytes.retainedSlice(from, some));
    }
    return from + some;
  }

  private void pass(ChannelHandlerContext ctx, ByteBuf bytes, int from, int to) {
    if (from == to || isEnding) {
      return;
    }
    boolean copies = keepsData;
    keepsData = false;
    ctx.fireChannelRead(copies ? copy(bytes, from, to) : bytes.retainedSlice(from, to - from));
  }

  private void keep(ByteBuf bytes, int from, int to) {
    if (from < to && !isEnding) {
      boolean drips = continuesPartial && from == bytes.readerIndex();
      partialSince = drips ? partialSince : wall.nanos();
      partial = copy(bytes, from, to);
    }
  }

  private static ByteBuf copy(ByteBuf bytes, int from, int to) {
    byte[] copy = new byte[to - from];
    bytes.getBytes(from, copy);
    return Unpooled.wrappedBuffer(copy);
  }

  private void see(ByteBuf bytes, int at, int length) {
    int stream = Frame.stream(bytes, at);
    switch (Frame.type(bytes, at)) {
      case Frame.HEADERS -> seeHeaders(bytes, at, length, stream);
      case Frame.CONTINUATION -> seeContinuation(bytes, at, length);
      case Frame.DATA -> seeData(bytes, at, length, stream);
      case Frame.RST_STREAM -> {
        forget(stream);
        spend(RESET_FRAMES);
      }
      default -> spend(1);
    }
  }

  private void seeHeaders(ByteBuf bytes, int at, int length, int stream) {
    OpenCall call = open.get(stream);
    if (call == null && stream > lastStream) {
      lastStream = stream;
      call = new OpenCall(stream, wall.nanos(), kept);
      open.put(stream, call);
      newest = call;
    }
    if (call == null) {
      spend(1);
      return;
    }
    call.headers(length);
    if (!Frame.has(Frame.END_HEADERS, bytes, at)) {
      block = call;
      blockBytes = length;
      blockSince = wall.nanos();
    }
    if (Frame.has(Frame.END_STREAM, bytes, at)) {
      call.requestIsWhole();
    } else if (!seated && kept.unfinished > UNFINISHED_AT_FIRST) {
      end("too many requests before the first is whole");
    }
  }

  private void seeContinuation(ByteBuf bytes, int at, int length) {
    spend(1);
    if (block == null) {
      return; // an error, and answered as one by what stands behind
    }
    block.headers(length);
    blockBytes += length;
    if (blockBytes > HEADER_BLOCK_BYTES) {
      end("metadata too large");
    } else if (Frame.has(Frame.END_HEADERS, bytes, at)) {
      block = null;
    }
  }

  private void seeData(ByteBuf bytes, int at, int length, int stream) {
    OpenCall call = open.get(stream);
    boolean isLast = Frame.has(Frame.END_STREAM, bytes, at);
    if (call == null || (length == 0 && !isLast)) {
      spend(1);
      return;
    }
    call.data(bytes, at + Frame.HEAD_BYTES, length, wall.nanos());
    if (isLast) {
      call.requestIsWhole();
    } else {
      keepsData = true;
    }
  }

  private void forget(int stream) {
    OpenCall call = open.remove(stream);
    if (call != null) {
      call.close();
    }
  }

  private void spend(int some) {
    frames -= some;
    if (frames < 0) {
      end("too many frames without a call");
    }
  }

  /** Sees what leaves: each write begins with a frame's head, or is the rest of one. */
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf out) {
      seeOurs(out);
    }
    ctx.write(message, promise);
  }

  private void seeOurs(ByteBuf out) {
    int at = out.readerIndex();
    int end = out.writerIndex();
    while (at < end) {
      int rest = Math.min(oursLeft, end - at);
      oursLeft -= rest;
      at += rest;
      if (end - at >= Frame.HEAD_BYTES) {
        oursLeft = Frame.HEAD_BYTES + Frame.length(out, at);
        seeOurs(out, at);
      } else if (at < end) {
        return; // no frame of ours is cut within its head
      }
    }
  }

  private void seeOurs(ByteBuf out, int at) {
    int stream = Frame.stream(out, at);
    OpenCall call = stream == 0 ? null : open.get(stream);
    if (call == null) {
      return;
    }
    int type = Frame.type(out, at);
    frames = Math.min(IDLE_FRAMES_AT_ONCE, frames + EARNED_FRAMES);
    boolean isOver =
        type == Frame.RST_STREAM
            || ((type == Frame.DATA || type == Frame.HEADERS)
                && Frame.has(Frame.END_STREAM, out, at));
    if (isOver) {
      forget(stream);
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
    long held = kept.bytes + (partial == null ? 0 : partial.readableBytes());
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
    frames = Math.min(IDLE_FRAMES_AT_ONCE, frames + IDLE_FRAMES);
    GrpcServerLimits limits = wall.limits();
    if ((partial != null && OpenCall.isOver(limits.requests().within(), partialSince, now))
        || (block != null && OpenCall.isOver(limits.requests().within(), blockSince, now))) {
      end("a frame took too long");
      return;
    }
    List<OpenCall> late = new ArrayList<>();
    for (OpenCall call : open.values()) {
      if (call.isLate(limits, now)) {
        late.add(call);
      }
    }
    if (reset(late) > 0) {
      wall.complain(OuterWall.Complaint.SLOW, late.size(), address);
    }
  }

  /** Ends calls until {@code bytes} are given back. */
  private void shed(long bytes) {
    long left = bytes;
    List<OpenCall> victims = new ArrayList<>();
    for (OpenCall call : open.values()) {
      if (left > 0 && call.held() > 0) {
        victims.add(call);
        left -= call.held();
      }
    }
    if (reset(victims) > 0) {
      wall.complain(OuterWall.Complaint.SHED, victims.size(), address);
    }
  }

  /**
   * Ends calls on both sides, as if the client had given them up; tells the client to calm down.
   */
  private int reset(List<OpenCall> calls) {
    ChannelHandlerContext here = context;
    if (here == null || calls.isEmpty() || block != null) {
      return 0; // nothing may come between the parts of a header block, which is bounded itself
    }
    for (OpenCall call : calls) {
      here.write(Frame.reset(call.stream, Frame.ENHANCE_YOUR_CALM));
      forget(call.stream);
      here.fireChannelRead(Frame.reset(call.stream, Frame.CANCEL));
    }
    here.fireChannelReadComplete();
    here.flush();
    settle();
    return calls.size();
  }

  private void end(String why) {
    ChannelHandlerContext here = context;
    if (!isEnding && here != null) {
      isEnding = true;
      wall.complain(OuterWall.Complaint.ENDED, 1, address);
      here.writeAndFlush(Frame.goAway(lastStream, why));
      // After what is being read: nothing is taken away from under those who read it.
      here.executor().execute(here::close);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (looking != null) {
      looking.cancel(false);
    }
    open.values().forEach(OpenCall::close);
    open.clear();
    if (partial != null) {
      partial.release();
      partial = null;
    }
    settle();
    ctx.fireChannelInactive();
  }
}
