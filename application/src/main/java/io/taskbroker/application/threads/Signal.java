package io.taskbroker.application.threads;

import java.time.Duration;

/**
 * Wakes one waiting thread. A signal that was raised stays raised until somebody has waited for it,
 * so that a wait which begins too late does not miss it; raising it twice is the same as raising it
 * once.
 *
 * <p>Any thread may raise it. At most one thread waits at a time.
 */
public interface Signal {
  /** Raises the signal. Does not wait, and may be called with a lock held. */
  void raise();

  /** Waits until the signal is raised, and lowers it. */
  void await();

  /**
   * As {@link #await()}, but waits no longer than {@code longest}.
   *
   * @param longest zero or less to ask without waiting
   * @return true if the signal was raised, and is lowered now; false if the time has passed
   */
  boolean await(Duration longest);
}
