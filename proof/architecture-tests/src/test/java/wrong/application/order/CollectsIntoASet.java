package wrong.application.order;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Loses the order of what it collects. */
final class CollectsIntoASet {
  Set<String> distinct(List<String> names) {
    return names.stream().collect(Collectors.toSet());
  }
}
