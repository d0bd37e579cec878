package io.taskbroker.application.operations;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.operator.Verdict;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What became of an order about many tasks, or would.
 *
 * @param verdicts how many tasks had which; without those that none had
 * @param last key of the last task that was looked at, to go on after
 * @param isLast whether there are no more
 */
public record BulkRuling(Map<Verdict, Integer> verdicts, long last, boolean isLast) {
  public BulkRuling {
    verdicts = Ordered.copyOf(verdicts);
  }

  /** For people, such as {@code done: 2, leaving: 1}. */
  String words() {
    return verdicts.isEmpty()
        ? "none"
        : verdicts.entrySet().stream()
            .map(one -> "%s: %d".formatted(text(one.getKey()), one.getValue()))
            .collect(Collectors.joining(", "));
  }

  private static String text(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** How many it was done to, or would be. */
  public int done() {
    return verdicts.getOrDefault(Verdict.DONE, 0);
  }
}
