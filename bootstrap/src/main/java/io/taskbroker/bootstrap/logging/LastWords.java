package io.taskbroker.bootstrap.logging;

/** Sends, at the end, what has been reported and not been sent yet. */
@FunctionalInterface
public interface LastWords extends AutoCloseable {
  /** Returns after a second or so in any case. */
  @Override
  void close();
}
