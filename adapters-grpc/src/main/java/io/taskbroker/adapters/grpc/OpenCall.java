package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.time.Duration;

/**
 * One call as the wire shows it: how much of its request is here, and how far its answer is. Used
 * on its connection's thread.
 */
final class OpenCall {
  /**
   * What a call costs by itself: the objects of Netty, gRPC and ours. Rounded up from a heap dump.
   */
  private static final int CALL_BYTES = 4 * 1024;

  /** What each frame of a message that is not whole costs besides its bytes. */
  private static final int FRAME_BYTES = 128;

  /** Header blocks travel compressed, and are kept as text. */
  private static final int HEADERS_FACTOR = 2;

  /** A flag and four bytes of length stand before each message. */
  private static final int PREFIX_BYTES = 5;

  private enum Stage {
    /** The request is not whole. */
    ASKING,
    /** The answer has not begun. */
    WAITING,
    /** The answer has begun. */
    ANSWERING
  }

  /** What a connection's calls keep in memory together. */
  static final class Sum {
    long bytes;

    /** Of header blocks of requests that are not whole, as they came. */
    long unfinishedHeaderBytes;
  }

  final int stream;
  private final Sum sum;
  private final long began;
  private Stage stage = Stage.ASKING;

  /** When the message that is under way began, or the answer last moved; nanoseconds. */
  private long moved;

  private long held;
  private long headerBytes;
  private boolean asksInMessages;
  private boolean answersInMessages;
  private boolean hasMessage;
  private int prefixBytes;
  private int messageLeft;

  OpenCall(int stream, long now, Sum sum) {
    this.stream = stream;
    this.sum = sum;
    this.began = now;
    this.moved = now;
    this.held = CALL_BYTES;
    sum.bytes += CALL_BYTES;
  }

  /** Bytes of memory that an unfinished request, or an answer that is not taken, keeps here. */
  long held() {
    return stage == Stage.WAITING ? 0 : held;
  }

  private void become(Stage next, long bytes) {
    long before = held();
    sum.unfinishedHeaderBytes -= stage == Stage.ASKING && next != Stage.ASKING ? headerBytes : 0;
    stage = next;
    held = bytes;
    sum.bytes += held() - before;
  }

  /** It is over, and is used no more. */
  void close() {
    sum.bytes -= held();
    sum.unfinishedHeaderBytes -= stage == Stage.ASKING ? headerBytes : 0;
  }

  /** The client may send any number of messages. */
  void asksInMessages() {
    asksInMessages = true;
  }

  /** The server may send any number of messages, so silence says nothing. */
  void answersInMessages() {
    answersInMessages = true;
  }

  void headers(int bytes) {
    headerBytes += bytes;
    sum.unfinishedHeaderBytes += stage == Stage.ASKING ? bytes : 0;
    become(stage, held + (long) HEADERS_FACTOR * bytes);
  }

  void data(ByteBuf bytes, int from, int length, long now) {
    become(stage, held + length + FRAME_BYTES);
    int at = from;
    int end = from + length;
    while (at < end) {
      if (prefixBytes < PREFIX_BYTES) {
        moved = prefixBytes == 0 ? now : moved;
        messageLeft = (messageLeft << Byte.SIZE) | (bytes.getByte(at++) & 0xff);
        prefixBytes++;
      } else {
        int taken = Math.clamp(messageLeft, 0, end - at);
        messageLeft -= taken;
        at += Math.max(1, taken); // a length below 0 is refused behind the wall
      }
      if (prefixBytes == PREFIX_BYTES && messageLeft == 0) {
        messageIsWhole();
      }
    }
  }

  private void messageIsWhole() {
    prefixBytes = 0;
    hasMessage = true;
    if (asksInMessages) {
      become(stage, CALL_BYTES); // it has been handed on
    }
  }

  /** The client has said all that it has to say. */
  void requestIsWhole() {
    if (stage == Stage.ASKING) {
      become(Stage.WAITING, CALL_BYTES);
    }
  }

  /** Something of the answer has left. */
  void answers(long now) {
    moved = stage == Stage.ASKING ? moved : now;
    if (stage == Stage.WAITING && !answersInMessages) {
      become(Stage.ANSWERING, CALL_BYTES);
    }
  }

  /** Whether the client takes longer than it may, with its request or with our answer. */
  boolean isLate(GrpcServerLimits limits, long now) {
    return switch (stage) {
      case ASKING ->
          asksInMessages
              ? isLateWithMessage(limits, now)
              : isOver(limits.requests().within(), began, now);
      case WAITING -> false;
      case ANSWERING -> isOver(limits.answers().stuckAtMost(), moved, now);
    };
  }

  private boolean isLateWithMessage(GrpcServerLimits limits, long now) {
    if (!hasMessage) {
      return isOver(limits.requests().firstWithin(), began, now);
    }
    return prefixBytes > 0 && isOver(limits.requests().within(), moved, now);
  }

  static boolean isOver(Duration limit, long since, long now) {
    return now - since > limit.toNanos();
  }
}
