package wrong.application.order;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Loses the order of what it collects. */
final class CollectsIntoAMap {
  Map<String, Integer> lengths(List<String> names) {
    return names.stream().collect(Collectors.toMap(name -> name, String::length));
  }
}
