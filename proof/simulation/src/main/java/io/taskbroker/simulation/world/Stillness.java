package io.taskbroker.simulation.world;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.domain.Depths;
import io.taskbroker.simulation.world.Violation.Kind;
import java.time.Duration;
import java.util.List;

/** Whether the world has nothing left to do, and what must be so then. Used by one thread. */
public final class Stillness {
  private final World world;
  private Duration wrongest = Duration.ZERO;

  Stillness(World world) {
    this.world = world;
  }

  void clockWasWrong(Duration step) {
    wrongest = wrongest.compareTo(step) < 0 ? step : wrongest;
  }

  /**
   * How much longer than usual the world may take. A broker dates the delay of a retry and the end
   * of a pause by its own wall clock, which may have been so much ahead. Deadlines and leases get
   * no more time.
   */
  public Duration putOff() {
    List<Depths> all = world.brokers().map(broker -> broker.vitals().depths()).toList();
    boolean mayWait =
        all.stream().anyMatch(Stillness::isWaiting) // holds intake, and so what is finished
            || all.stream().allMatch(Stillness::isIdle);
    return mayWait && all.stream().noneMatch(Stillness::isBusy) ? wrongest : Duration.ZERO;
  }

  private static boolean isIdle(Depths depths) {
    return !isBusy(depths) && depths.finished() == 0;
  }

  private static boolean isBusy(Depths depths) {
    return depths.processing() + depths.claimed() + depths.outbox() > 0;
  }

  private static boolean isWaiting(Depths depths) {
    return depths.pending() + depths.delayed() + depths.delayedFar() > 0;
  }

  /** Whether there is nothing left to do, but for what waits for a restart. */
  public boolean isStill() {
    return world.areAllUp()
        && world.kafka().isReadToTheEnd()
        && (world.ledger().hasFaultyRows()
            || world.machines().stream().allMatch(one -> one.rows().isEmpty()))
        && world
            .brokers()
            .map(broker -> broker.vitals().depths())
            .allMatch(
                depths ->
                    isStill(depths) && (world.ledger().hasFaultyRows() || depths.parked() == 0));
  }

  private static boolean isStill(Depths depths) {
    return isIdle(depths) && !isWaiting(depths);
  }

  /** Whether rows wait for a restart. */
  public boolean isSomethingAside() {
    return world.brokers().anyMatch(broker -> broker.vitals().depths().parked() > 0)
        || world.machines().stream().anyMatch(machine -> !machine.rows().isEmpty());
  }

  /** Nothing is left to do: whatever has no end has none any more. */
  public void judgeEnd() {
    for (Machine machine : world.machines()) {
      if (!machine.rows().isEmpty()) {
        world
            .ledger()
            .violated(
                Kind.COUNTS,
                machine.name() + " counts nothing, and its file holds " + machine.rows());
      }
    }
    world.ledger().judgeEnd();
  }

  /** It was to be still by now. */
  public void judgeStandstill(Duration waited) {
    StringBuilder what = new StringBuilder();
    for (Machine machine : world.machines()) {
      SimulatedProcess process = machine.process();
      Broker broker = process == null ? null : process.broker();
      what.append(machine.name())
          .append(broker == null ? " is down; " : " has " + broker.vitals() + "; ");
    }
    world
        .ledger()
        .violated(
            Kind.STANDSTILL,
            "%d s after the last fault not everything has ended: %s; %stasks without an end: %s"
                .formatted(
                    waited.toSeconds(),
                    world.kafka().isReadToTheEnd() ? "all is read" : "not all is committed",
                    what,
                    world.ledger().unended()));
  }
}
