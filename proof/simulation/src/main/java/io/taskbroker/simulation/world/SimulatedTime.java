package io.taskbroker.simulation.world;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.simulation.schedule.Scheduler;
import io.taskbroker.testkit.SettableTime;

/** The clocks of one machine: the wall clock can be stepped, the other one only goes on. */
final class SimulatedTime implements TimeSource {
  private final Scheduler scheduler;
  private long stepMs;

  SimulatedTime(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  void step(long ms) {
    stepMs += ms;
  }

  @Override
  public Moment now() {
    long ms = scheduler.nanos() / 1_000_000;
    return new Moment(
        SettableTime.START.wallMs() + ms + stepMs, SettableTime.START.monotonicMs() + ms);
  }

  @Override
  public long nanos() {
    return scheduler.nanos();
  }
}
