package io.taskbroker.application.dispatch;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells whether it is due to an activation that its delivery breaks off. Workers that stop break
 * off whatever is on its way to them, so it is only if a caller to which this one broke off took
 * others afterwards, and if no other broke off in between. Safe for all threads.
 */
final class BrokenDeliveries {
  /** Of more activations at a time the oldest is forgotten, and given more attempts. */
  private static final int MOST_REMEMBERED = 1_000;

  /** The row whose delivery broke off last, and whether others did, since any was taken. */
  private long only;

  private boolean several;

  /** By row: to whom its delivery broke off the last time, and how many that one had taken. */
  private final Map<Long, Broken> last =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Broken> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  private record Broken(Caller caller, long taken) {}

  /** The delivery of this row broke off once more; whether the activation itself is to blame. */
  synchronized boolean isToBlame(long key, Caller caller) {
    several |= only != 0 && only != key;
    only = key;
    Broken before = last.put(key, new Broken(caller, caller.taken()));
    return !several && before != null && before.caller().taken() > before.taken();
  }

  /** A caller has all of some task. */
  synchronized void took(Caller caller) {
    caller.took();
    only = 0;
    several = false;
  }
}
