package io.taskbroker.inflight;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.operator.Outliers;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the writer lets others see after each group.
 *
 * @param totals since the store was opened
 * @param oldestDueMs when the oldest activation that no worker has had was due, Unix milliseconds
 * @param lastExhausted has used up its attempts last; null if none has
 * @param outliers what stands out
 */
record StoreView(
    Depths depths,
    Totals totals,
    OptionalLong oldestDueMs,
    @Nullable Activation lastExhausted,
    Outliers outliers) {
  static final StoreView EMPTY =
      new StoreView(Depths.EMPTY, Totals.ZERO, OptionalLong.empty(), null, Outliers.NONE);
}
