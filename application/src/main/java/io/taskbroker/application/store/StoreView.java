package io.taskbroker.application.store;

import io.taskbroker.domain.Depths;
import java.util.OptionalLong;

/**
 * What the writer lets others see after each group.
 *
 * @param oldestDueMs when the oldest activation that no worker has had was due, Unix milliseconds
 */
record StoreView(Depths depths, OptionalLong oldestDueMs) {
  static final StoreView EMPTY = new StoreView(Depths.EMPTY, OptionalLong.empty());
}
