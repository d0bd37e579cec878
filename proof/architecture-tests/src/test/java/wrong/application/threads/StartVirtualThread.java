package wrong.application.threads;

/** Starts a thread that nobody ends. */
final class StartVirtualThread {
  Thread start(Runnable work) {
    return Thread.startVirtualThread(work);
  }
}
