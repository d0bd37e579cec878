package wrong.domain;

import java.util.Set;

/** Gives a copy the order of this process. */
final class CopiesASet {
  Set<String> copy(Set<String> original) {
    return Set.copyOf(original);
  }
}
