package io.taskbroker.application.rules;

import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rules in words that everybody may read: without what selectors ask of arguments. */
public final class RuleWords {
  private RuleWords() {}

  /** Such as {@code drop tasks 'mail'}. */
  public static String of(Rules rules) {
    return Stream.of(
            rules.killSwitch().tasknames().stream().map("drop tasks '%s'"::formatted),
            rules.killSwitch().selectors().stream()
                .map(Selector::taskname)
                .map("drop tasks '%s' by their arguments"::formatted),
            rules.demotion().namespaces().stream().map("send off namespace '%s'"::formatted))
        .flatMap(some -> some)
        .collect(Collectors.joining(", "));
  }
}
