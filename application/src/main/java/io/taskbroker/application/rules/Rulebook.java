package io.taskbroker.application.rules;

import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import java.util.Optional;

/** All that it takes to apply the operator's rules. */
public record Rulebook(RuntimeRules rules, ArgumentReader arguments, DemotionRoute demotion) {
  /** No rule is ever in force. */
  public static final Rulebook EMPTY =
      new Rulebook(() -> Rules.NONE, (_, _) -> Optional.empty(), new Nowhere());

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
