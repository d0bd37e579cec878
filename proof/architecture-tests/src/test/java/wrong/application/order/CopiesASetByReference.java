package wrong.application.order;

import java.util.Set;
import java.util.function.Function;

/** Gives copies the order of this process. */
final class CopiesASetByReference {
  Function<Set<String>, Set<String>> copying() {
    return Set::copyOf;
  }
}
