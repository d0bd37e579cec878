package wrong.application.clock;

/** Reads a clock. */
final class SystemCurrentTimeMillis {
  long time() {
    return System.currentTimeMillis();
  }
}
