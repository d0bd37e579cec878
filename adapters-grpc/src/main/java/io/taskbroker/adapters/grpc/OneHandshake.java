package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Stands before TLS and hangs up on a client that begins another handshake, which HTTP/2 forbids
 * (RFC 9113, 9.2.1) and TLS 1.2 allows: each costs us more than it costs the client, and nothing
 * behind TLS sees it. Used on the connection's thread.
 */
final class OneHandshake extends ChannelInboundHandlerAdapter {
  /** The first byte of a record that is part of a handshake; it is never encrypted. */
  private static final int HANDSHAKE = 22;

  /** The type, the version and the length, in one, two and two bytes. */
  private static final int HEAD_BYTES = 5;

  private final Runnable refused;
  private boolean isOver;

  /** How much of a record's head has come. */
  private int headBytes;

  /** Of the record that is under way; also the bytes of its length while its head comes. */
  private int left;

  /**
   * @param refused told that a client is hung up on
   */
  OneHandshake(Runnable refused) {
    this.refused = refused;
  }

  /** The handshake is over; it was the only one. */
  void over() {
    isOver = true;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes && beginsAnother(bytes)) {
      bytes.release();
      refused.run();
      var _ = context.close();
    } else {
      context.fireChannelRead(message);
    }
  }

  private boolean beginsAnother(ByteBuf bytes) {
    int at = bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      if (headBytes == HEAD_BYTES) {
        int some = Math.min(left, bytes.writerIndex() - at);
        at += some;
        left -= some;
        headBytes = left == 0 ? 0 : HEAD_BYTES;
      } else {
        int next = bytes.getUnsignedByte(at++);
        if (headBytes == 0 && next == HANDSHAKE && isOver) {
          return true;
        }
        headBytes++;
        left = headBytes > HEAD_BYTES - 2 ? left << Byte.SIZE | next : 0;
      }
    }
    return false;
  }
}
