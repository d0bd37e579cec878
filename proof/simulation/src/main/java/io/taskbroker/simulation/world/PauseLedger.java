package io.taskbroker.simulation.world;

import io.taskbroker.simulation.world.Violation.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Nothing of an application is handed out while it is paused, by whichever broker. */
final class PauseLedger {
  /** What was claimed before has come to its worker by then. */
  private static final long SOON_NANOS = 1_000_000_000L;

  /** Other brokers hear of an order with their next beat. */
  private static final long BEAT_NANOS = 2_000_000_000L;

  private final World world;

  /** How many orders about an application have begun and had no answer. */
  private final Map<String, Integer> open = new HashMap<>();

  /** What certainly is in force, by application. */
  private final Map<String, Paused> paused = new HashMap<>();

  private record Paused(Machine by, long sinceNanos, long untilMs) {}

  PauseLedger(World world) {
    this.world = world;
  }

  /** An operator pauses the application, or resumes it; until that is done nothing is certain. */
  void ordering(String application) {
    open.merge(application, 1, Integer::sum);
    paused.remove(application);
  }

  /** The application is paused. */
  void paused(Machine by, String application, long untilMs) {
    resumed(application);
    if (open.getOrDefault(application, 0) == 0) {
      paused.put(application, new Paused(by, world.scheduler().nanos(), untilMs));
    }
  }

  /** The application is paused no more. */
  void resumed(String application) {
    open.merge(application, -1, Integer::sum);
  }

  /**
   * A broker whose clock was ahead for a moment may have ended a pause for all; and after a crash
   * of the server a broker may hear of it later.
   */
  void disturbed() {
    paused.clear();
  }

  /** A worker has a task of this application. */
  void handed(Machine machine, String application, String attempt) {
    Paused pause = paused.get(application);
    if (pause == null || !holds(pause, machine)) {
      return;
    }
    long since = pause.sinceNanos();
    long now = world.scheduler().nanos();
    boolean hasHeard = now - since > SOON_NANOS + (machine == pause.by() ? 0 : BEAT_NANOS);
    SimulatedProcess process = machine.process();
    if (hasHeard
        && process != null
        && machine.hasServedSince(since)
        && machine.disk().isWell(since)
        && process.stallLines().isFree(since)) {
      world
          .ledger()
          .violated(
              Kind.NOT_HELD,
              "%s is handed out by %s, and %s has paused %s %d ms ago"
                  .formatted(
                      attempt,
                      machine.name(),
                      pause.by().name(),
                      application,
                      (now - since) / 1_000_000));
    }
  }

  /** Whether the pause is in force at this machine; the first clock that says so ends it. */
  private boolean holds(Paused pause, Machine machine) {
    List<Machine> machines = world.space() == null ? List.of(pause.by()) : world.machines();
    return machines.contains(machine)
        && machines.stream().allMatch(one -> one.time().now().wallMs() < pause.untilMs());
  }
}
