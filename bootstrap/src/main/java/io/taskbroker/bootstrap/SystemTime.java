package io.taskbroker.bootstrap;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.util.concurrent.TimeUnit;

/** The clocks of this machine. */
final class SystemTime implements TimeSource {
  @Override
  public Moment now() {
    return new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }
}
