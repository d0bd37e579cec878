package wrong.application.order;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Orders groups by the hash of their key. */
final class GroupsByHash {
  Map<Integer, List<String>> byLength(List<String> names) {
    return names.stream().collect(Collectors.groupingBy(String::length));
  }
}
