package io.taskbroker.workload.ledger;

/**
 * Is told of what passes between broker and workers, on the workers' threads, before it goes on.
 */
public interface Watcher {
  Watcher NOBODY =
      new Watcher() {
        @Override
        public void handedOut(String id) {}

        @Override
        public void worked(String id) {}
      };

  /** A worker has been given this. */
  void handedOut(String id);

  /** A worker is about to report this. */
  void worked(String id);
}
