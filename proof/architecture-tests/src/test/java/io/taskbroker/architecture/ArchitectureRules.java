package io.taskbroker.architecture;

import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All rules, for a given root package, so that each can also be shown a tree of code that breaks
 * it.
 */
final class ArchitectureRules {
  private ArchitectureRules() {}

  /** The rules by the name that says what they demand. */
  static Map<String, ArchRule> under(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.putAll(BoundaryRules.under(root));
    rules.putAll(CoreRules.under(root));
    rules.putAll(HabitRules.under(root));
    rules.putAll(RepeatableRules.under(root));
    return rules;
  }
}
