package io.taskbroker.testkit.store;

import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.testkit.SettableTime;

/** Noon when it is made, and then as late as it gets. */
public final class RunningTime implements TimeSource {
  private static final long NANOS_PER_MS = 1_000_000;

  private final long began = SystemThreads.INSTANCE.nanos();

  @Override
  public Moment now() {
    return SettableTime.START.plusMs((SystemThreads.INSTANCE.nanos() - began) / NANOS_PER_MS);
  }
}
