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

  /** The payloads of these rows, at most 1,000; those that have ended meanwhile are missing. */
  Map<Long, byte[]> payloadsOf(Collection<Long> keys);

  /** Removes these, in whatever state; how many there were. */
  int drop(Collection<Long> keys);

  /** Sends pending activations of these namespaces to their own topic, at most {@code limit}. */
  int demote(Set<String> namespaces, int limit);
}
