package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** HTTP/2 frames as bytes (RFC 9113, sections 4 and 6): as much of them as the wall has to know. */
final class Frame {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  /** Before each frame: its length, type, flags and stream. */
  static final int HEAD_BYTES = 9;

  /** The largest payload: we never offer more. */
  static final int MOST_BYTES = 16_384;

  /** What a client sends first. */
  static final int PREFACE_BYTES = 24;

  /** The peer takes more than it gives, and should come back later, if at all. */
  static final int ENHANCE_YOUR_CALM = 11;

  static final int CANCEL = 8;

  private Frame() {}

  static int length(ByteBuf bytes, int at) {
    return bytes.getUnsignedMedium(at);
  }

  static int type(ByteBuf bytes, int at) {
    return bytes.getUnsignedByte(at + 3);
  }

  static boolean has(int flag, ByteBuf bytes, int at) {
    return (bytes.getByte(at + 4) & flag) != 0;
  }

  static int stream(ByteBuf bytes, int at) {
    return bytes.getInt(at + 5) & Integer.MAX_VALUE;
  }

  static ByteBuf reset(int stream, int reason) {
    return head(4, RST_STREAM, stream).writeInt(reason);
  }

  /** Tells a client why its connection ends. */
  static ByteBuf goAway(int lastStream, String why) {
    byte[] words = why.getBytes(StandardCharsets.US_ASCII);
    return head(8 + words.length, GOAWAY, 0)
        .writeInt(lastStream)
        .writeInt(ENHANCE_YOUR_CALM)
        .writeBytes(words);
  }

  private static ByteBuf head(int length, int type, int stream) {
    return Unpooled.buffer(HEAD_BYTES + length)
        .writeMedium(length)
        .writeByte(type)
        .writeByte(0)
        .writeInt(stream);
  }
}
