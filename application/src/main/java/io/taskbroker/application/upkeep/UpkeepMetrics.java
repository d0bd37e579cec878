package io.taskbroker.application.upkeep;

import io.taskbroker.application.Health;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Sweep;
import java.util.List;

/** What upkeep counts. Called by its loop: must not block for long and must not throw. */
public interface UpkeepMetrics {
  /** Counts nothing. */
  UpkeepMetrics NONE = new UpkeepMetrics() {};

  /** A step of a pass has been done. */
  default void stepped(Sweep kind, long nanos) {}

  /** A step was left out, since workers may not have been able to report yet. */
  default void skipped(Sweep kind) {}

  /** A pass is over. */
  default void passed(UpkeepReport report, long nanos) {}

  /** Since the pass before, kill switches have dropped so many as a worker asked for work. */
  default void killed(long rows) {}

  /** What waits for each application. */
  default void waiting(List<ApplicationDepth> applications) {}

  /** The store has been rewritten as a whole. */
  default void rewritten(long nanos) {}

  /** It should have been, and could not. */
  default void notRewritten(String reason) {}

  /** How the broker was after the pass. */
  default void judged(Health.Verdict verdict) {}
}
