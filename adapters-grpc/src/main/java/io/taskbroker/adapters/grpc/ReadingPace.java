package io.taskbroker.adapters.grpc;

import io.grpc.ServerCall;

/**
 * Decides when the next frame of a worker is read. While many of its words wait for their answers,
 * or many answers wait to be read, none is: what one worker says and never hears is bounded.
 *
 * <p>Safe for all threads. No other lock is held while the transport is asked for a frame.
 */
final class ReadingPace {
  /** Frames of words without an answer that was read. */
  static final int MOST_FRAMES = 16;

  /** Words in such frames; a single frame may have more than are left. */
  static final int MOST_WORDS = 10_000;

  private final ServerCall<?, ?> call;

  /** Frames and words that are not answered, or whose answers may be unread. */
  private int frames;

  private int words;

  /** The part of {@link #frames} and {@link #words} that is answered, and may be unread. */
  private int unreadFrames;

  private int unreadWords;

  /** The next frame is to be read once there is room for it. */
  private boolean owesFrame;

  ReadingPace(ServerCall<?, ?> call) {
    this.call = call;
  }

  /** Reads the next frame, now or as soon as there is room. */
  void readOn() {
    synchronized (this) {
      owesFrame = true;
    }
    readIfOwed();
  }

  /** A frame of {@code count} words has come, which will be answered. */
  synchronized void heard(int count) {
    frames++;
    words += count;
  }

  /** A frame of {@code count} words is answered. */
  void answered(int count) {
    synchronized (this) {
      if (call.isReady()) {
        frames--;
        words -= count;
      } else {
        unreadFrames++;
        unreadWords += count;
      }
    }
    readIfOwed();
  }

  /** The transport has sent most of what it had. */
  void sent() {
    synchronized (this) {
      frames -= unreadFrames;
      words -= unreadWords;
      unreadFrames = 0;
      unreadWords = 0;
    }
    readIfOwed();
  }

  /** Whether all words are answered. */
  synchronized boolean isAllAnswered() {
    return frames == unreadFrames;
  }

  private void readIfOwed() {
    synchronized (this) {
      if (!owesFrame || frames >= MOST_FRAMES || words >= MOST_WORDS) {
        return;
      }
      owesFrame = false;
    }
    call.request(1);
  }
}
