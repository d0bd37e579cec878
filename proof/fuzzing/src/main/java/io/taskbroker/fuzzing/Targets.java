package io.taskbroker.fuzzing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** All entrances, in the order in which they are tried. */
final class Targets {
  private static final Map<String, Supplier<Target>> ALL = new LinkedHashMap<>();

  static {
    ALL.put(ActivationTarget.NAME, ActivationTarget::new);
    ALL.put(RawTarget.NAME, RawTarget::new);
    ALL.put(BatchTarget.NAME, BatchTarget::new);
    ALL.put(MessageTarget.NAME, MessageTarget::new);
    ALL.put(ConnectionTarget.NAME, ConnectionTarget::new);
    ALL.put(FileTarget.NAME, FileTarget::new);
    ALL.put(ConfigTarget.NAME, ConfigTarget::new);
    ALL.put(RulesTarget.NAME, RulesTarget::new);
    ALL.put(AddressTarget.NAME, AddressTarget::new);
  }

  private Targets() {}

  static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /**
   * Makes it ready, which may take a second; to be closed.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static Target open(String name) {
    Supplier<Target> target = ALL.get(name);
    if (target == null) {
      throw new IllegalArgumentException(
          "'%s' is no target; there are %s".formatted(name, String.join(", ", ALL.keySet())));
    }
    return target.get();
  }
}
