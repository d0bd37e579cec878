package io.taskbroker.bootstrap;

import io.taskbroker.domain.rules.Rules;
import io.taskbroker.settings.RulesReader;
import io.taskbroker.settings.reading.InvalidConfigException;

/** Reads rules that operators order or try. */
final class RuleTexts {
  private RuleTexts() {}

  /**
   * @throws IllegalArgumentException if anything in it is wrong
   */
  static Rules read(String text) {
    try {
      return RulesReader.readSome(text);
    } catch (InvalidConfigException e) {
      throw new IllegalArgumentException(String.join("; ", e.problems()), e);
    }
  }
}
