package io.taskbroker.application.threads;

import java.time.Duration;

/** Work on a thread of its own. A job that was never started counts as ended. */
public interface Job {
  /** Begins; to be called once. Returns this job. */
  Job start();

  /** Whether the caller runs in this job. */
  boolean isCurrent();

  /** Waits until the work has ended. Not for the job itself, which would wait for ever. */
  void awaitEnd();

  /**
   * As {@link #awaitEnd()}, but waits no longer than {@code longest}.
   *
   * @return true if the work has ended; false if it has not
   */
  boolean awaitEnd(Duration longest);
}
