package io.taskbroker.application.operations;

import io.taskbroker.application.Elapsed;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.operations.Explanation.Kind;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.operator.Outliers;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that all tasks wait for their time: nobody's fault, but nothing moves. Used by one thread.
 */
public final class Delays {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::stalls");

  /** The shortest wait that the log tells: retries and short delays are everyday. */
  static final Duration LONG = Duration.ofMinutes(1);

  /** Between two lines, where tasks come and are done in between. */
  private static final Duration BETWEEN_LINES = Duration.ofMinutes(10);

  private final TimeSource time;
  private final Sparsely lines;
  private boolean said;

  public Delays(TimeSource time) {
    this.time = time;
    this.lines = new Sparsely(time, BETWEEN_LINES);
  }

  /** Takes in what is stored now. */
  public void look(Depths depths, Outliers outliers) {
    long nowMs = time.now().wallMs();
    Optional<Explanation> delay = explain(depths, outliers, nowMs);
    Long nextMs = outliers.nextDelayEndMs();
    boolean isLong = nextMs != null && Times.minus(nextMs, nowMs) >= LONG.toMillis();
    if (delay.isEmpty()) {
      said = false;
    } else if (!said && isLong) {
      said = true;
      if (lines.count(1) > 0) {
        LOG.info("{}: {}. {}", delay.get().what(), delay.get().why(), delay.get().remedy());
      }
    }
  }

  /** What waits for its time, if nothing else is left that could move. */
  static Optional<Explanation> explain(Depths depths, Outliers outliers, long nowMs) {
    int delayed = depths.delayed() + depths.delayedFar();
    Long nextMs = outliers.nextDelayEndMs();
    if (nextMs == null || delayed == 0 || depths.unfinished() > delayed) {
      return Optional.empty();
    }
    String first = Elapsed.text(Duration.ofMillis(Math.max(0, Times.minus(nextMs, nowMs))));
    return Optional.of(
        new Explanation(
            "All that is stored",
            delayed == 1
                ? "its producer has delayed the one task that is here; it is due in " + first
                : "producers have delayed all of the %d tasks that are here; the first is due in %s"
                    .formatted(delayed, first),
            "Wait, or let them run at once with 'run-now'.",
            null,
            Kind.DELAY));
  }
}
