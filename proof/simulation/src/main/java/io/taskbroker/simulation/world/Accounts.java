package io.taskbroker.simulation.world;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.world.Violation.Kind;
import io.taskbroker.testkit.journal.InMemorySpace;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one broker counts, against what there is. */
final class Accounts {
  /** For so long nothing is written where nothing is under way. */
  private static final long REST_NANOS = 300_000_000;

  /** Two seconds between two beats, and what it takes to read. */
  private static final long LONGEST_BEHIND_NANOS = 4_000_000_000L;

  private final World world;
  private final Machine machine;
  private long behindSince;

  /** When the broker was seen last not to serve. */
  private long lastSilent;

  Accounts(World world, Machine machine) {
    this.world = world;
    this.machine = machine;
  }

  /** Whether it has not just begun, nor woken. */
  boolean hasServedForLong() {
    return hasServedSince(world.scheduler().nanos() - REST_NANOS);
  }

  boolean hasServedSince(long sinceNanos) {
    return lastSilent < sinceNanos;
  }

  /** To be called now and then. */
  void look() {
    SimulatedProcess running = machine.serving();
    lastSilent = running == null ? world.scheduler().nanos() : lastSilent;
    judgeBehind(running);
    if (running != null && hasServedForLong() && !world.ledger().hasFaultyRows()) {
      judgeCounts(running);
    }
  }

  /** A beat tells it, if nothing does before, and then it reads its rows again. */
  private void judgeBehind(@Nullable SimulatedProcess running) {
    long now = world.scheduler().nanos();
    boolean isBehind =
        running != null
            && machine.isBehind()
            && machine.disk().isWell(now - LONGEST_BEHIND_NANOS)
            && running.stallLines().isFree(now - LONGEST_BEHIND_NANOS);
    behindSince = isBehind ? behindSince : now;
    if (now - behindSince > LONGEST_BEHIND_NANOS) {
      world
          .ledger()
          .violated(
              Kind.LATE,
              "%s has lost groups with the server, and has not read its rows again for %d ms"
                  .formatted(machine.name(), (now - behindSince) / 1_000_000));
    }
  }

  /** While nothing is under way, what it counts is what there is. */
  private void judgeCounts(SimulatedProcess running) {
    InMemorySpace space = world.space();
    Set<Partition> mine = machine.partitions();
    if ((space != null && mine.stream().anyMatch(space.wanted()::contains))
        || machine.isBehind()
        || machine.isDeposed()) {
      return;
    }
    Depths depths = running.restingDepths(world.scheduler().nanos() - REST_NANOS);
    if (depths == null || depths.parked() > 0) {
      return;
    }
    int unfinished = 0;
    int finished = 0;
    for (StoredActivation row : machine.rows()) {
      if (space == null || mine.contains(row.activation().partition())) {
        boolean isFinished = row.state() instanceof ActivationState.Completed;
        finished += isFinished ? 1 : 0;
        unfinished += isFinished || row.activation().isBadRecord() ? 0 : 1;
      }
    }
    if (unfinished != depths.unfinished() || finished != depths.finished()) {
      world
          .ledger()
          .violated(
              Kind.COUNTS,
              "%s counts %d unfinished and %d finished rows, and there are %d and %d"
                  .formatted(
                      machine.name(),
                      depths.unfinished(),
                      depths.finished(),
                      unfinished,
                      finished));
    }
  }
}
