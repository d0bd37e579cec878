package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;

/**
 * Finds the frames in what a server writes: each write begins with a frame's head, or is the rest
 * of one. Used on the connection's thread.
 */
final class OwnFrames {
  /** Sees where each frame begins. */
  @FunctionalInterface
  interface Watcher {
    void sees(ByteBuf bytes, int at);
  }

  /** What is left to come of a frame. */
  private int left;

  /** Shows each frame that begins in what leaves. */
  void read(ByteBuf out, Watcher watcher) {
    int at = out.readerIndex();
    int end = out.writerIndex();
    while (at < end) {
      int rest = Math.min(left, end - at);
      left -= rest;
      at += rest;
      if (end - at >= Frame.HEAD_BYTES) {
        left = Frame.HEAD_BYTES + Frame.length(out, at);
        watcher.sees(out, at);
      } else if (at < end) {
        return; // no frame of ours is cut within its head
      }
    }
  }
}
