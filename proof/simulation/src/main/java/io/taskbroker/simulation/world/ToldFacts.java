package io.taskbroker.simulation.world;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Claim;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.simulation.world.Violation.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a broker has been told of a claim is in its file soon, once its disk does well. */
final class ToldFacts {
  private static final Duration SOON = Duration.ofMillis(30);
  private static final Duration AFTER_TROUBLE = Duration.ofMillis(700);

  /** For so long facts rest after trouble, be it over, or after rows were read again. */
  private static final long REST_NANOS = 250_000_000;

  private final World world;

  /** Tokens of the latest claims, by broker and row. */
  private final Map<String, Long> latest = new HashMap<>();

  ToldFacts(World world) {
    this.world = world;
  }

  /** The state in the file; null if there is no such row. */
  static @Nullable ActivationState stateOf(Machine machine, Claim claim) {
    return machine.rows().stream()
        .filter(row -> row.key() == claim.key())
        .map(StoredActivation::state)
        .findFirst()
        .orElse(null);
  }

  /**
   * The claim has an end, or another beginning.
   *
   * @param claimed how the row stood while the claim was good; a worker's late report may have
   *     ended that before, and then there is nothing to be told
   */
  void told(
      Machine machine, SimulatedProcess process, Claim claim, @Nullable ActivationState claimed) {
    boolean wasGood = claimed instanceof Claimed || claimed instanceof Processing;
    if (claimed != null && wasGood && claimed.equals(stateOf(machine, claim))) {
      look(machine, process, claim, claimed, SOON);
    }
  }

  /** There is a claim, be it one that is declined: what is told of older ones counts no more. */
  void claimed(Machine machine, Claim claim) {
    latest.put(machine.name() + " " + claim.key(), claim.token());
  }

  private boolean isLatest(Machine machine, Claim claim) {
    return Long.valueOf(claim.token()).equals(latest.get(machine.name() + " " + claim.key()));
  }

  private boolean isCalm(Machine machine, SimulatedProcess process, long sinceNanos) {
    long before = Math.max(0, sinceNanos - REST_NANOS);
    return world.isCalm()
        && !machine.isBehind()
        && !process.readsAgain(before)
        && !process.isBrokenOff(before)
        && machine.disk().isWell(before)
        && process.stallLines().isFree(before);
  }

  private void look(
      Machine machine,
      SimulatedProcess process,
      Claim claim,
      ActivationState claimed,
      Duration after) {
    long now = world.scheduler().nanos();
    int crashes = machine.knownCrashes();
    world
        .scheduler()
        .after(
            after,
            () -> {
              boolean isOpen =
                  machine.process() == process
                      && process.isServing()
                      && !world.lostGroups().hasChanged(claim.activation().id(), crashes)
                      && isLatest(machine, claim)
                      && machine.has(claim.activation().partition())
                      && claimed.equals(stateOf(machine, claim));
              if (isOpen && !isCalm(machine, process, now)) {
                look(machine, process, claim, claimed, AFTER_TROUBLE);
              } else if (isOpen) {
                world
                    .ledger()
                    .violated(
                        Kind.LATE,
                        "%s was told %d ms ago what became of its claim of %s, and its file says %s"
                            .formatted(
                                machine.name(),
                                after.toMillis(),
                                claim.activation().id(),
                                claimed));
              }
            });
  }
}
