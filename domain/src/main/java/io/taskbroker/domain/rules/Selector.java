package io.taskbroker.domain.rules;

import io.taskbroker.domain.Ordered;
import java.util.Map;

/**
 * Names activations of one task by their arguments. Any one condition that holds is enough; without
 * any it names none.
 *
 * @param positional by index from 0
 */
public record Selector(String taskname, Map<Integer, Value> positional, Map<String, Value> named) {
  public Selector {
    positional = Ordered.copyOf(positional);
    named = Ordered.copyOf(named);
  }

  public boolean matches(Arguments arguments) {
    return positional.entrySet().stream()
            .anyMatch(
                wanted -> {
                  Value given = arguments.positional().get(wanted.getKey());
                  return given != null && wanted.getValue().sameAs(given);
                })
        || named.entrySet().stream()
            .anyMatch(
                wanted -> {
                  Value given = arguments.named().get(wanted.getKey());
                  return given != null && wanted.getValue().sameAs(given);
                });
  }
}
