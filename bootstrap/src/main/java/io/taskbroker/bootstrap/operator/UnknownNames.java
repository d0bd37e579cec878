package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import io.taskbroker.settings.reading.Suggestions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Names that no stored task has: often slips of the hand. */
final class UnknownNames {
  private UnknownNames() {}

  /**
   * Says which of these names no stored task has, and what was meant perhaps.
   *
   * @param said by {@code application}, {@code namespace} and {@code task}; others are passed over
   * @return about the first one; empty if each is known
   */
  static Optional<String> note(BrokerLink broker, Map<String, Object> said) {
    List<Map<String, Object>> queues = QueuesCommand.all(broker);
    for (String kind : List.of("application", "namespace", "task")) {
      Object name = said.get(kind);
      Set<String> known = new TreeSet<>();
      queues.forEach(queue -> known.add(String.valueOf(queue.get(kind))));
      if (name != null && !known.contains(String.valueOf(name))) {
        return Optional.of(
            "No task that is stored has the %s '%s'.%s"
                .formatted(
                    kind,
                    OneLine.of(String.valueOf(name)),
                    Suggestions.closest(String.valueOf(name), known)
                        .map(word -> " Did you mean '%s'?".formatted(OneLine.of(word)))
                        .orElse("")));
      }
    }
    return Optional.empty();
  }
}
