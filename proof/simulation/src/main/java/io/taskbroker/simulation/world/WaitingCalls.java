package io.taskbroker.simulation.world;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.world.Violation.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls that wait for a task: none waits on while there is one for it. */
final class WaitingCalls {
  /** A row may rest for a second, and others be served before it. */
  private static final long PATIENCE_NANOS = 2_000_000_000;

  private final World world;
  private final Map<Object, Wait> waits = new LinkedHashMap<>();

  private static final class Wait {
    final SimulatedProcess process;
    final Machine machine;
    final ClaimFilter filter;

    /** The row that was found first, and when. */
    long row;

    long since;

    Wait(SimulatedProcess process, Machine machine, ClaimFilter filter) {
      this.process = process;
      this.machine = machine;
      this.filter = filter;
    }
  }

  WaitingCalls(World world) {
    this.world = world;
  }

  void begin(Object call, SimulatedProcess process, Machine machine, ClaimFilter filter) {
    waits.put(call, new Wait(process, machine, filter));
  }

  void end(Object call) {
    waits.remove(call);
  }

  void look() {
    waits.values().removeIf(wait -> !wait.process.isServing());
    waits.values().forEach(this::look);
  }

  private void look(Wait wait) {
    long now = world.scheduler().nanos();
    boolean isCalm =
        world.isCalm()
            && !wait.machine.isBehind()
            && wait.machine.disk().isWell(now - PATIENCE_NANOS)
            && wait.process.stallLines().isFree(now - PATIENCE_NANOS);
    StoredActivation found = isCalm ? firstFor(wait) : null;
    if (found == null || found.key() != wait.row) {
      wait.row = found == null ? 0 : found.key();
      wait.since = now;
    } else if (now - wait.since > PATIENCE_NANOS) {
      world
          .ledger()
          .violated(
              Kind.LATE,
              "a worker waits at %s, which has had %s for it for %d ms"
                  .formatted(
                      wait.machine.name(),
                      found.activation().id(),
                      (now - wait.since) / 1_000_000));
    }
  }

  private @Nullable StoredActivation firstFor(Wait wait) {
    return wait.machine.rows().stream()
        .filter(row -> wait.machine.has(row.activation().partition()))
        .filter(row -> isDue(row, wait.machine))
        .filter(row -> wait.filter.matches(row.activation()))
        .findFirst()
        .orElse(null);
  }

  /** Whether anybody may have it, for all that the file tells. */
  private boolean isDue(StoredActivation row, Machine machine) {
    boolean isDue =
        switch (row.state()) {
          case Pending _ -> true;
          case Delayed(long untilMs) -> untilMs < machine.time().now().wallMs();
          case ActivationState.Claimed _, ActivationState.Processing _ -> false;
          case ActivationState.AwaitingRetry _,
              ActivationState.Failed _,
              ActivationState.Completed _ ->
              false;
        };
    return isDue
        && !row.activation().isAtMostOnce()
        && !row.activation().isBadRecord()
        && row.activation().expiresAtMs() == null
        && row.attempts() < SimulatedProcess.MOST_ATTEMPTS
        && row.parked() == null;
  }
}
