package io.taskbroker.application.rules;

import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import java.util.Optional;

/**
 * All that it takes to apply the operator's rules.
 *
 * @param rules of the file
 * @param reader of what operators order
 */
public record Rulebook(
    RuntimeRules rules, ArgumentReader arguments, DemotionRoute demotion, RuleReader reader) {
  /** No rule is ever in force. */
  public static final Rulebook EMPTY =
      new Rulebook(() -> Rules.NONE, (_, _) -> Optional.empty(), new Nowhere());

  /** Where operators order none. */
  public Rulebook(RuntimeRules rules, ArgumentReader arguments, DemotionRoute demotion) {
    this(
        rules,
        arguments,
        demotion,
        _ -> {
          throw new IllegalArgumentException("no rules are ordered here");
        });
  }

  /** The same, with other rules in force. */
  public Rulebook with(RuntimeRules others) {
    return new Rulebook(others, arguments, demotion, reader);
  }

  private static final class Nowhere implements DemotionRoute {
    @Override
    public String topic(Demotion demotion) {
      return "";
    }

    @Override
    public Publisher publisher(Demotion demotion) {
      return (_, records) ->
          records.stream()
              .<Publisher.Fate>map(_ -> new Publisher.Fate.NotNow("no route is configured"))
              .toList();
    }

    @Override
    public boolean returnsHere(Demotion demotion) {
      return true;
    }
  }
}
