package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls that are open on one connection, as its frames show them. Used on the connection's
 * thread.
 */
final class OpenCalls {
  /** What a frame of a client was. */
  enum Sight {
    /** It belongs to a call. */
    CALL,
    /** The same, and its payload is kept until the request is whole. */
    KEPT,
    /** It brings no call and no data. */
    IDLE,
    /** There are too many requests before the first is whole. */
    TOO_MANY,
    /** A header block is too large. */
    TOO_LARGE
  }

  /** A header block above it cannot be answered with a status any more; see {@link GrpcServer}. */
  static final int HEADER_BLOCK_BYTES = 320 * 1024;

  /**
   * What the header blocks of unfinished requests may have, as they come over the wire, on a
   * connection that has made no valid request yet; reading more would only cost time. It is as much
   * as 32 of the largest have. A worker may well begin with hundreds of calls at once, whose blocks
   * are small, and send what belongs to them afterwards.
   */
  static final int UNFINISHED_BYTES_AT_FIRST = 256 * 1024;

  private final LongSupplier nanos;
  private final OpenCall.Sum kept = new OpenCall.Sum();
  private final Map<Integer, OpenCall> open = new LinkedHashMap<>();
  private int lastStream;

  /** The call whose headers are not whole; null if there is none. */
  private @Nullable OpenCall block;

  private int blockBytes;
  private long blockSince;

  /** The call whose headers were passed on last. */
  private @Nullable OpenCall newest;

  OpenCalls(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** The call that is being opened on this thread. */
  @Nullable OpenCall newest() {
    return newest;
  }

  /** The number of the last call that was begun. */
  int lastStream() {
    return lastStream;
  }

  /** Bytes that they keep in memory together. */
  long held() {
    return kept.bytes;
  }

  @Nullable OpenCall get(int stream) {
    return open.get(stream);
  }

  /** Nothing may come between the parts of a header block. */
  boolean isInHeaders() {
    return block != null;
  }

  /** Whether a header block takes longer than a request may. */
  boolean areHeadersLate(GrpcServerLimits limits, long now) {
    return block != null && OpenCall.isOver(limits.requests().within(), blockSince, now);
  }

  /** Those whose clients take longer than they may. */
  List<OpenCall> late(GrpcServerLimits limits, long now) {
    return open.values().stream().filter(call -> call.isLate(limits, now)).toList();
  }

  /** The oldest ones that keep so many bytes together. */
  List<OpenCall> keeping(long bytes) {
    long left = bytes;
    List<OpenCall> some = new ArrayList<>();
    for (OpenCall call : open.values()) {
      if (left > 0 && call.held() > 0) {
        some.add(call);
        left -= call.held();
      }
    }
    return some;
  }

  void endAll() {
    open.values().forEach(OpenCall::close);
    open.clear();
  }

  // ---------------------------------------------------------------- frames

  /**
   * @param seated whether the connection has made a valid request
   */
  Sight headers(ByteBuf bytes, int at, int length, int stream, boolean seated) {
    OpenCall call = open.get(stream);
    if (call == null && stream > lastStream) {
      lastStream = stream;
      call = new OpenCall(stream, nanos.getAsLong(), kept);
      open.put(stream, call);
      newest = call;
    }
    if (call == null) {
      return Sight.IDLE;
    }
    call.headers(length);
    if (!Frame.has(Frame.END_HEADERS, bytes, at)) {
      block = call;
      blockBytes = length;
      blockSince = nanos.getAsLong();
    }
    if (Frame.has(Frame.END_STREAM, bytes, at)) {
      call.requestIsWhole();
    } else if (!seated && kept.unfinishedHeaderBytes > UNFINISHED_BYTES_AT_FIRST) {
      return Sight.TOO_MANY;
    }
    return Sight.CALL;
  }

  Sight continuation(ByteBuf bytes, int at, int length) {
    if (block == null) {
      return Sight.IDLE; // an error, and answered as one by what stands behind
    }
    block.headers(length);
    blockBytes += length;
    if (blockBytes > HEADER_BLOCK_BYTES) {
      return Sight.TOO_LARGE;
    }
    if (Frame.has(Frame.END_HEADERS, bytes, at)) {
      block = null;
    }
    return Sight.IDLE;
  }

  Sight data(ByteBuf bytes, int at, int length, int stream) {
    OpenCall call = open.get(stream);
    boolean isLast = Frame.has(Frame.END_STREAM, bytes, at);
    if (call == null || (length == 0 && !isLast)) {
      return Sight.IDLE;
    }
    call.data(bytes, at + Frame.HEAD_BYTES, length, nanos.getAsLong());
    if (isLast) {
      call.requestIsWhole();
      return Sight.CALL;
    }
    return Sight.KEPT;
  }

  void forget(int stream) {
    OpenCall call = open.remove(stream);
    if (call != null) {
      call.close();
    }
  }
}
