package io.taskbroker.application.upkeep;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.Totals;
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

  /** Records of other topics do not come again; called once, when the consumed topics are known. */
  void onlyConsumed(Set<String> topics);

  /** Gives some unused space back to the file system; whether there is more. */
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

  /** The task that has used up its attempts last, since the store was opened. */
  Optional<Activation> lastExhausted();

  /** How long the oldest activation that no worker has had waits since it was due; zero if none. */
  Duration lag();
}
