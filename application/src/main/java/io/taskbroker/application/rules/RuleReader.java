package io.taskbroker.application.rules;

import io.taskbroker.domain.rules.Rules;

/** Reads what operators write down as rules. Safe for all threads. */
@FunctionalInterface
public interface RuleReader {
  /**
   * The rules of a text in the language of the file of rules, of which any list may be missing.
   *
   * @throws IllegalArgumentException if anything in it is wrong; its message says what, for people
   */
  Rules read(String text);
}
