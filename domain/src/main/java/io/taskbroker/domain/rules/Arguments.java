package io.taskbroker.domain.rules;

import java.util.List;
import java.util.Map;

/** What a task was called with. */
public record Arguments(List<Value> positional, Map<String, Value> named) {
  public Arguments {
    positional = List.copyOf(positional);
    named = Map.copyOf(named);
  }
}
