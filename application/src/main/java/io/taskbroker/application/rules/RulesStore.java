package io.taskbroker.application.rules;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.rules.Found;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the operator's rules need from storage. All methods block until done, and throw {@link
 * StoreException.Unavailable} if nothing was changed. Safe for any number of threads.
 */
public interface RulesStore {
  /**
   * From now on nothing of these tasks is handed out. Rows of theirs that a claim comes across are
   * dropped, and counted in {@link io.taskbroker.domain.Totals#killed}. Replaces what was said
   * before; a store that is opened anew has to be told again.
   */
  void kill(Set<String> tasknames);

  /**
   * Looks through a bounded piece of what is stored, in the order of arrival, for unfinished
   * activations of these tasks in any state.
   *
   * @param after {@link Found#last} of the piece before; 0 to begin
   */
  Found find(Set<String> tasknames, long after);

  /**
   * Returns payloads for the first of {@code keys}: at most 1,000 rows and 4 MB in total, but
   * always at least one row. They are read beside the store's other work.
   */
  Payloads payloadsOf(List<Long> keys);

  /**
   * Payloads that are in memory together.
   *
   * @param rows how many were looked at; 0 only if none were asked for
   * @param byKey theirs; missing are those of rows that have ended meanwhile, and those that cannot
   *     be read though others can
   */
  record Payloads(int rows, Map<Long, byte[]> byKey) {
    public static final int MOST_ROWS = 1_000;

    /** A payload may be larger, and is alone then. */
    public static final long MOST_BYTES = 4 << 20;
  }

  /** Removes these rows, in whatever state. Returns how many there were. */
  int drop(Collection<Long> keys);

  /** Sends pending activations of these namespaces to their own topic, at most {@code limit}. */
  int demote(Set<String> namespaces, int limit);
}
