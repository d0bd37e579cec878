package wrong.application.threads;

/** Starts a thread that a dump cannot tell. */
final class NamelessVirtual {
  Thread start(Runnable work) {
    return Thread.ofVirtual().start(work);
  }
}
