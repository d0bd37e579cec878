package wrong.application.order;

import java.util.Map;

/** Gives a copy the order of this process. */
final class CopiesAMap {
  Map<String, Integer> copy(Map<String, Integer> original) {
    return Map.copyOf(original);
  }
}
