package io.taskbroker.application.push;

import org.jspecify.annotations.Nullable;

/**
 * Whether one activation alone goes wrong, or whatever is pushed: then it is the workers. Safe for
 * all threads.
 */
final class Blame {
  private @Nullable String only;
  private boolean several;

  /** The push of this one went wrong; whether no other did since the workers last took any. */
  synchronized boolean isAlone(String id) {
    if (only == null) {
      only = id;
    }
    several |= !only.equals(id);
    return !several;
  }

  /** The workers do what they should. */
  synchronized void clear() {
    only = null;
    several = false;
  }
}
