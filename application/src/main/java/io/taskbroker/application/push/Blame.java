package io.taskbroker.application.push;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether one activation alone goes wrong, or whatever is pushed: then it is the workers. Safe for
 * all threads.
 */
final class Blame {
  /** Of more activations at a time the oldest is forgotten, and given more pushes. */
  private static final int MOST_REMEMBERED = 1_000;

  private @Nullable String only;
  private boolean several;

  /** How often the workers did what they should. */
  private long taken;

  /** How often they had, when nobody said a word of an activation the last time. */
  private final Map<String, Long> silences =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /** The push of this one went wrong; whether no other did since the workers last took any. */
  synchronized boolean isAlone(String id) {
    if (only == null) {
      only = id;
    }
    several |= !only.equals(id);
    return !several;
  }

  /**
   * Nobody said a word of this one; whether that is due to it. Workers that hang say nothing of
   * anything, so it is only if they took others since the silence before, and if no other went
   * wrong since then.
   */
  synchronized boolean isToBlameForSilence(String id) {
    boolean isAlone = isAlone(id);
    Long before = silences.put(id, taken);
    return isAlone && before != null && before < taken;
  }

  /** The workers do what they should. */
  synchronized void clear() {
    only = null;
    several = false;
    taken++;
  }
}
