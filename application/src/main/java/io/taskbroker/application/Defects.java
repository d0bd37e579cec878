package io.taskbroker.application;

import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what nobody expected, with its stack, once a minute at most for each piece of work. Whoever
 * catches it goes on with other work, and hands it to this. Safe for all threads.
 *
 * @see Loop#enduring
 */
public final class Defects implements Consumer<Throwable> {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::defects");

  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final String consequence;
  private final Sparsely lines;

  /**
   * @param consequence of one defect, for the log: such as "the metrics were not sent"
   */
  public Defects(String consequence, TimeSource time) {
    this(consequence, new Sparsely(time, INTERVAL));
  }

  private Defects(String consequence, Sparsely lines) {
    this.consequence = consequence;
    this.lines = lines;
  }

  /** Those of code that only counts: metrics are worth no task. */
  public static Defects ofCounting(String what, TimeSource time) {
    return new Defects("counting " + what + " failed, so its metrics are incomplete", time);
  }

  /** Those of work on a thread that knows no other time than that of {@code threads}. */
  public static Defects ofThread(String name, Threads threads) {
    return new Defects(
        "a piece of work of thread " + name + " was not done",
        new Sparsely(threads::nanos, INTERVAL));
  }

  @Override
  public void accept(Throwable defect) {
    long times = lines.count(1);
    if (times > 0) {
      LOG.error(
          "Something unexpected happened: {}. All else goes on ({} times since the last line)",
          consequence,
          times,
          defect);
    }
  }
}
