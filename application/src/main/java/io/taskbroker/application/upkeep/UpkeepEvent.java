package io.taskbroker.application.upkeep;

import io.taskbroker.application.Health;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.List;

/** One thing that happened in upkeep, and is counted. */
public sealed interface UpkeepEvent {
  /** A pass has done what was due of one kind. */
  record Stepped(Sweep kind, Duration took) implements UpkeepEvent {}

  /** A pass has left one kind out, since workers may not have been able to report yet. */
  record Skipped(Sweep kind) implements UpkeepEvent {}

  /** A pass has ended. */
  record Passed(UpkeepReport report, Duration took) implements UpkeepEvent {}

  /**
   * Kill switches have dropped rows when workers asked for tasks.
   *
   * @param rows how many since the last pass; 0 if none
   */
  record Killed(long rows) implements UpkeepEvent {}

  /** What waits now, application by application. */
  record Waiting(List<ApplicationDepth> applications) implements UpkeepEvent {
    public Waiting {
      applications = List.copyOf(applications);
    }
  }

  /** The store has rewritten its file. */
  record Rewritten(Duration took) implements UpkeepEvent {}

  /** The store could not rewrite its file. */
  record NotRewritten(String reason) implements UpkeepEvent {}

  /** How the broker was after a pass. */
  record Judged(Health.Verdict verdict) implements UpkeepEvent {}
}
