package io.taskbroker.domain;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps one copy of each name that many activations share (applications, namespaces, tasks,
 * topics).
 *
 * <p>Not safe for several threads: each reader of names has its own pool.
 */
public final class NamePool {
  /** Far more names than a deployment has; beyond it the longest unused is forgotten. */
  private static final int MAX_NAMES = 20_000;

  private final Map<String, String> names =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MAX_NAMES;
        }
      };

  /** The first copy of {@code name} that this pool was given. */
  public String share(String name) {
    String known = names.putIfAbsent(name, name);
    return known == null ? name : known;
  }
}
