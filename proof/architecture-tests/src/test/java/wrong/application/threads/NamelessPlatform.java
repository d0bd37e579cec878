package wrong.application.threads;

/** Starts a thread that a dump cannot tell. */
final class NamelessPlatform {
  Thread start(Runnable work) {
    return Thread.ofPlatform().daemon().start(work);
  }
}
