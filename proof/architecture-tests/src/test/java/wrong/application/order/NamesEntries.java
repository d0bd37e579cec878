package wrong.application.order;

import java.util.Map;

/** Has an order that its author did not choose. */
final class NamesEntries {
  Map<String, Integer> lengths() {
    return Map.of("red", 3, "green", 5);
  }
}
