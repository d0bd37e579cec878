package io.taskbroker.application.rules;

import io.taskbroker.application.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the operator's rules need from storage. All methods block until done, and throw {@link
 * StoreException.Unavailable} if nothing was changed. Safe for any number of threads.
 */
public interface RulesStore {
  /** Keys of the unfinished activations of these tasks, in any state; costs a look at each row. */
  List<Long> keysOf(Set<String> tasknames);

  /**
   * The payloads of the first of these rows, of at most 1,000: of as many as have 4 MB together, or
   * else of one.
   */
  Payloads payloadsOf(List<Long> keys);

  /**
   * Payloads that are in the memory together.
   *
   * @param rows how many were looked at; 0 only if none were asked for
   * @param byKey theirs; those of rows that have ended meanwhile are missing
   */
  record Payloads(int rows, Map<Long, byte[]> byKey) {
    public static final int MOST_ROWS = 1_000;

    /** A payload may be larger, and is alone then. */
    public static final long MOST_BYTES = 4 << 20;
  }

  /** Removes these, in whatever state; how many there were. */
  int drop(Collection<Long> keys);

  /** Sends pending activations of these namespaces to their own topic, at most {@code limit}. */
  int demote(Set<String> namespaces, int limit);
}
