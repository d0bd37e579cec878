package io.taskbroker.application;

import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs that turns of a loop have failed, or other work that is done again and again, once a minute
 * at most. Safe for all threads.
 *
 * @see Loop#enduring
 */
public final class TurnFaults implements Consumer<Throwable> {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::threads");

  private final String consequence;
  private final Sparsely lines;

  /**
   * @param consequence of a turn that failed, for the log: such as "the metrics were not sent"
   */
  public TurnFaults(String consequence, TimeSource time) {
    this.consequence = consequence;
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
  }

  @Override
  public void accept(Throwable fault) {
    long faults = lines.count(1);
    if (faults > 0) {
      LOG.error(
          "Something unexpected happened: {}. What comes next is done all the same ({} times since"
              + " the last line)",
          consequence,
          faults,
          fault);
    }
  }
}
