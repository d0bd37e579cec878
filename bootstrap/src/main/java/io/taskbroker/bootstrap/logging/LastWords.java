package io.taskbroker.bootstrap.logging;

import java.time.Duration;

/** Sends, at the end, what has been reported and not been sent yet. */
@FunctionalInterface
public interface LastWords extends AutoCloseable {
  /** What the end of a process may spend on this. */
  Duration PATIENCE = Duration.ofSeconds(1);

  /** Returns once all is sent, or after the patience that it was started with. */
  @Override
  void close();
}
