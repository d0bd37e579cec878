package wrong.application.order;

import java.util.HashSet;
import java.util.Set;

/** Orders by the hash of an element. */
final class KeepsByHash {
  private final Set<Object> seen = new HashSet<>();

  void add(Object one) {
    seen.add(one);
  }
}
