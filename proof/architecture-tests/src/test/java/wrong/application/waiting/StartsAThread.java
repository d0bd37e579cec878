package wrong.application.waiting;

/** Starts a thread that has a name, and that no seed knows of. */
final class StartsAThread {
  void start(Runnable work) {
    Thread.ofVirtual().name("work").start(work);
  }
}
