package io.taskbroker.adapters.protobuf;

import com.google.protobuf.TimestampOrBuilder;
import org.jspecify.annotations.Nullable;

/** Cuts the numbers of one activation to what can be kept, and remembers whether it had to. */
final class Clamp {
  /** 0001-01-01T00:00:00Z, the first instant of {@code google.protobuf.Timestamp}. */
  private static final long MIN_SECONDS = -62_135_596_800L;

  /** 9999-12-31T23:59:59Z, its last second. */
  private static final long MAX_SECONDS = 253_402_300_799L;

  private static final long MAX_MS = MAX_SECONDS * 1_000 + 999;

  private boolean clamped;

  boolean hasClamped() {
    return clamped;
  }

  void note(boolean wasClamped) {
    clamped |= wasClamped;
  }

  /** What is no instant is as good as absent: {@code nowMs} stands in. */
  long instantMs(@Nullable TimestampOrBuilder timestamp, long nowMs) {
    if (timestamp == null) {
      return nowMs;
    }
    long seconds = timestamp.getSeconds();
    int nanos = timestamp.getNanos();
    if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos > 999_999_999) {
      clamped = true;
      return nowMs;
    }
    return seconds * 1_000 + nanos / 1_000_000;
  }

  /** So many seconds (unsigned) after {@code startMs}, at the latest the end of time. */
  long laterMs(long startMs, long seconds) {
    if (seconds < 0 || seconds > (MAX_MS - startMs) / 1_000) {
      clamped = true;
      return MAX_MS;
    }
    return startMs + seconds * 1_000;
  }

  /** Seconds (unsigned) as they fit into a row. */
  int deadlineSec(long seconds) {
    if (seconds < 0 || seconds > Integer.MAX_VALUE) {
      clamped = true;
      return Integer.MAX_VALUE;
    }
    return (int) seconds;
  }
}
