package wrong.application.order;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Orders by hash, with several threads at once. */
final class KeysConcurrently {
  private final Set<String> names = ConcurrentHashMap.newKeySet();

  void add(String name) {
    names.add(name);
  }
}
