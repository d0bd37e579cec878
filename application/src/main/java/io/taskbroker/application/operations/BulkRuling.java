package io.taskbroker.application.operations;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.operator.Verdict;
import java.util.Map;

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

  /** How many it was done to, or would be. */
  public int done() {
    return verdicts.getOrDefault(Verdict.DONE, 0);
  }
}
