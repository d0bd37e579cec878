package wrong.application.order;

import java.util.Map;

/** Has an order that its author did not choose. */
final class NamesManyEntries {
  Map<String, Integer> lengths() {
    return Map.ofEntries(Map.entry("red", 3), Map.entry("green", 5));
  }
}
