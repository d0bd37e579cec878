package wrong.inflight;

/** Starts a thread that nobody ends. */
final class NewThread {
  void start(Runnable work) {
    new Thread(work).start();
  }
}
