package io.taskbroker.application.upkeep;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.operator.Outliers;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What upkeep needs from storage. {@link #sweep}, {@link #reclaim} and {@link #rewrite} block until
 * done.
 *
 * <p>Safe for any number of threads.
 */
public interface SweepStore {
  /**
   * Does due work of one kind.
   *
   * @param limit most rows to change, 1 to 10,000; other work gets its turn between two calls
   * @return how many rows were changed; fewer than {@code limit} if no more is due
   * @throws StoreException.Unavailable if nothing was changed
   */
  int sweep(Sweep kind, int limit);

  /** Tells the store which topics are consumed: records of others never come again. Called once. */
  void onlyConsumed(Set<String> topics);

  /** Gives some unused space back to the file system. Returns true if there is more. */
  boolean reclaim();

  /**
   * Gives all unused space back at once. All other work of the store waits for it, seconds for each
   * GB.
   *
   * @throws StoreException.Unavailable if that was not possible now
   */
  void rewrite();

  Depths depths();

  /** What has happened since the store was opened. */
  Totals totals();

  /** Returns the last activation that used up its attempts since the store was opened. */
  Optional<Activation> lastExhausted();

  /** Returns what stands out of all that is stored. Cheap. */
  Outliers outliers();

  /** Returns how long the oldest activation that was never handed out is due; zero for none. */
  Duration lag();
}
