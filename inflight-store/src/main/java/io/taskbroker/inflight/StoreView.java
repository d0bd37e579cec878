package io.taskbroker.inflight;

import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Totals;
import java.util.OptionalLong;

/**
 * What the writer lets others see after each group.
 *
 * @param totals since the store was opened
 * @param oldestDueMs when the oldest activation that no worker has had was due, Unix milliseconds
 */
record StoreView(Depths depths, Totals totals, OptionalLong oldestDueMs) {
  static final StoreView EMPTY = new StoreView(Depths.EMPTY, Totals.ZERO, OptionalLong.empty());
}
