package wrong.application.waiting;

/** Waits for the end of a thread. */
final class JoinsAThread {
  void await(Thread other) throws InterruptedException {
    other.join();
  }
}
