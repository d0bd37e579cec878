package io.taskbroker.simulation.world;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.operations.Draining;
import io.taskbroker.application.operations.Operations;
import io.taskbroker.application.operations.Order;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.Verdict;
import java.time.Duration;
import java.util.function.Consumer;

/** Somebody who looks after a broker, and orders one thing and another. */
final class SimulatedOperator {
  private static final Order ORDER = new Order("operator", "played");

  private final World world;
  private boolean hasPaused;

  SimulatedOperator(World world) {
    this.world = world;
  }

  /** Whether something is paused, or may be. */
  boolean hasPaused() {
    return hasPaused;
  }

  /** Does this to the first attempt of a task, if it is with this broker. */
  void act(Machine machine, Act act, String root) {
    order(
        machine,
        act + " of " + root,
        operations -> {
          SimulatedProcess process = machine.process();
          int crashes = machine.knownCrashes();
          world.ledger().hands().ordering(act, root);
          Verdict verdict = operations.act(ORDER, act, root).verdict();
          world.history().say("operator", "%s of %s: %s", act, root, verdict);
          if (verdict == Verdict.DONE && process != null) {
            world.ledger().hands().ordered(machine, process.life(), act, root, crashes);
          } else {
            world.ledger().hands().orderedInVain(act, root);
          }
        });
  }

  /** Pauses an application for a while. */
  void pause(Machine machine, String application, Duration span) {
    hasPaused = true;
    order(
        machine,
        "pause of " + application,
        operations -> {
          long untilMs = machine.time().now().wallMs() + span.toMillis();
          world.ledger().pauses().ordering(application);
          var _ = operations.pause(ORDER, PauseTarget.ofApplication(application), untilMs);
          world.ledger().pauses().paused(machine, application, untilMs);
          world.history().say("operator", "pauses %s at %s", application, machine.name());
        });
  }

  void resume(Machine machine, String application) {
    order(
        machine,
        "resuming of " + application,
        operations -> {
          world.ledger().pauses().ordering(application);
          boolean done = operations.resume(ORDER, PauseTarget.ofApplication(application));
          world.ledger().pauses().resumed(application);
          world
              .history()
              .say("operator", "resumes %s at %s: %s", application, machine.name(), done);
        });
  }

  /** Has a broker take nothing in. */
  void drain(Machine machine, OnEmpty onEmpty) {
    draining(
        machine,
        "drain",
        draining -> {
          String how = draining.begin(ORDER, onEmpty).left();
          world.history().say("operator", "drains %s, %s: %s", machine.name(), onEmpty, how);
        });
  }

  void endDrain(Machine machine) {
    draining(
        machine,
        "end of the drain",
        draining -> {
          boolean done = draining.end(ORDER);
          world.history().say("operator", "ends the drain of %s: %s", machine.name(), done);
        });
  }

  private void draining(Machine machine, String what, Consumer<Draining> order) {
    SimulatedProcess process = machine.serving();
    if (process != null) {
      order(machine, what, _ -> order.accept(process.draining()));
    }
  }

  private void order(Machine machine, String what, Consumer<Operations> order) {
    SimulatedProcess process = machine.serving();
    if (process == null) {
      return;
    }
    process
        .life()
        .run(
            "operator",
            () -> {
              try {
                order.accept(process.operations());
              } catch (StoreException e) {
                world
                    .history()
                    .say("operator", "%s at %s fails: %s", what, machine.name(), e.toString());
              }
            });
  }
}
