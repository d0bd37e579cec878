package io.taskbroker.adapters.protobuf;

import com.google.protobuf.Timestamp;

/** Instants as messages carry them. */
final class Timestamps {
  private Timestamps() {}

  static Timestamp ofMillis(long unixMs) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(unixMs, 1_000))
        .setNanos(Math.floorMod(unixMs, 1_000) * 1_000_000)
        .build();
  }
}
