package wrong.application.order;

import java.util.HashMap;
import java.util.Map;

/** Orders by the hash of a key, which may be that of its place in memory. */
final class KeysByHash {
  private final Map<Object, String> names = new HashMap<>();

  void put(Object key, String name) {
    names.put(key, name);
  }
}
