package io.taskbroker.benchmarks.postgres;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.util.concurrent.TimeUnit;

/** The real time. */
enum SystemTime implements TimeSource {
  INSTANCE;

  @Override
  public Moment now() {
    return new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(nanos()));
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }
}
