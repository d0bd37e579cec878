package wrong.application.clock;

/** Reads a clock. */
final class SystemNanoTime {
  long time() {
    return System.nanoTime();
  }
}
