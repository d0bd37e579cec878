package wrong.inflight;

/** Waits where the simulation cannot see it. */
final class JoinsAThread {
  void await(Thread other) throws InterruptedException {
    other.join();
  }
}
