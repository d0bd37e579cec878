package wrong.adapters.kafka;

/** Talks to the console. */
final class PrintsAStackTrace {
  void report(RuntimeException failure) {
    failure.printStackTrace();
  }
}
