package io.taskbroker.application.rules;

import io.taskbroker.domain.rules.Rules;

/** Knows the rules in force now. Cheap, and safe for all threads. */
@FunctionalInterface
public interface RuntimeRules {
  /** The same object until the rules change. */
  Rules current();
}
