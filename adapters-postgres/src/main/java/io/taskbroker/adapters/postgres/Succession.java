package io.taskbroker.adapters.postgres;

import java.util.Collection;
import java.util.Collections;

/**
 * Tells whether payloads are asked for in the order of arrival and without large gaps, as when
 * workers get through a backlog: then the payloads behind them will be asked for next. Used by one
 * thread.
 */
final class Succession {
  /** At least one of this many rows must be wanted: reading the others costs more than it saves. */
  private static final int GAP = 4;

  private long highest = Long.MAX_VALUE;

  /**
   * @param keys of the payloads that are asked for now; not empty
   * @return true if they follow soon behind those that were asked for before
   */
  boolean goesOnWith(Collection<Long> keys) {
    long before = highest;
    highest = Collections.max(keys);
    return highest > before && highest - before <= (long) GAP * keys.size();
  }
}
