package wrong.inflight;

/** Asks what time it is. */
final class ReadsAClock {
  long nanos() {
    return System.nanoTime();
  }
}
