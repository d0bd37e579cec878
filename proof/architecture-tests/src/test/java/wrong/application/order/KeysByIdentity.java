package wrong.application.order;

import java.util.IdentityHashMap;

/** Orders by the place in memory. */
final class KeysByIdentity {
  private final IdentityHashMap<Object, String> names = new IdentityHashMap<>();

  void put(Object key, String name) {
    names.put(key, name);
  }
}
