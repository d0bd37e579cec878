package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Passes the frames that come over one connection on as soon as they are whole, after they were
 * shown to its watcher; the beginning of one is kept here. Used on the connection's thread.
 *
 * <p>Bytes that will be kept until a request is whole are copied to the heap, to arrays of their
 * own size: a byte would otherwise keep the whole buffer that it was read into.
 */
final class WholeFrames {
  /** Sees each frame before it is passed on. */
  interface Watcher {
    /**
     * @param at where the frame begins
     * @param length of its payload
     * @return whether its payload will be kept until a request is whole
     */
    boolean sees(ByteBuf bytes, int at, int length);

    /** Whether the connection ends, so that nothing is passed on any more. */
    boolean isEnding();
  }

  private final LongSupplier nanos;
  private final Watcher watcher;
  private int prefaceLeft = Frame.PREFACE_BYTES;
  private boolean isPlain;

  /** The beginning of a frame; null if there is none. */
  private @Nullable ByteBuf partial;

  private long partialSince;

  /** Whether what is being read begins with {@link #partial}. */
  private boolean continuesPartial;

  private boolean keepsData;

  WholeFrames(LongSupplier nanos, Watcher watcher) {
    this.nanos = nanos;
    this.watcher = watcher;
  }

  /** Whether it was seen that these are no frames of a client; all is passed on as it comes. */
  boolean isPlain() {
    return isPlain;
  }

  /** Bytes of a frame that is not whole. */
  int held() {
    return partial == null ? 0 : partial.readableBytes();
  }

  /** Whether a frame has taken longer than this. */
  boolean isLate(Duration limit, long now) {
    return partial != null && OpenCall.isOver(limit, partialSince, now);
  }

  void release() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }

  void read(ChannelHandlerContext ctx, ByteBuf in) {
    ByteBuf bytes = joined(in);
    try {
      readJoined(ctx, bytes);
    } finally {
      bytes.release();
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

  private void readJoined(ChannelHandlerContext ctx, ByteBuf bytes) {
    int begun = skipPreface(ctx, bytes);
    int at = begun;
    int end = bytes.writerIndex();
    boolean hasHeaders = false;
    while (end - at >= Frame.HEAD_BYTES && !watcher.isEnding()) {
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
      keepsData |= watcher.sees(bytes, at, length);
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
    if (from == to || watcher.isEnding()) {
      return;
    }
    boolean copies = keepsData;
    keepsData = false;
    ctx.fireChannelRead(copies ? copy(bytes, from, to) : bytes.retainedSlice(from, to - from));
  }

  private void keep(ByteBuf bytes, int from, int to) {
    if (from < to && !watcher.isEnding()) {
      boolean drips = continuesPartial && from == bytes.readerIndex();
      partialSince = drips ? partialSince : nanos.getAsLong();
      partial = copy(bytes, from, to);
    }
  }

  private static ByteBuf copy(ByteBuf bytes, int from, int to) {
    byte[] copy = new byte[to - from];
    bytes.getBytes(from, copy);
    return Unpooled.wrappedBuffer(copy);
  }
}
