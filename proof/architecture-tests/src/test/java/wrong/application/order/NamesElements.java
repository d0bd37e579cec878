package wrong.application.order;

import java.util.Set;

/** Has an order that its author did not choose. */
final class NamesElements {
  Set<String> colours() {
    return Set.of("red", "green");
  }
}
