package io.taskbroker.domain.rules;

import io.taskbroker.domain.Ordered;
import java.util.Map;

/**
 * What a task was called with, as far as selectors ask for it.
 *
 * @param positional by index from 0
 */
public record Arguments(Map<Integer, Value> positional, Map<String, Value> named) {
  public Arguments {
    positional = Ordered.copyOf(positional);
    named = Ordered.copyOf(named);
  }
}
