package io.taskbroker.application;

import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what goes wrong in counting, once a minute at most. Whoever calls code that only counts
 * catches what it throws, and reports it here: metrics are worth no task. Safe for all threads.
 */
public final class MetricsFaults {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::metrics");

  private final String job;
  private final Sparsely lines;

  /**
   * @param job what is counted, for the log: such as "upkeep"
   */
  public MetricsFaults(String job, TimeSource time) {
    this.job = job;
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
  }

  public void report(Throwable fault) {
    long faults = lines.count(1);
    if (faults > 0) {
      LOG.error(
          "Counting {} failed, so its metrics are incomplete; nothing else is concerned ({} times"
              + " since the last line)",
          job,
          faults,
          fault);
    }
  }
}
