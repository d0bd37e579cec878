package io.taskbroker.inflight;

import io.taskbroker.application.Sparsely;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreMetrics;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics that may break without anybody noticing but people: what is counted is not worth more.
 */
final class CarefulMetrics implements StoreMetrics {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final StoreMetrics metrics;
  private final Sparsely lines;

  CarefulMetrics(StoreMetrics metrics, TimeSource time) {
    this.metrics = metrics;
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
  }

  @Override
  public void waited(StoreCall call, long nanos) {
    carefully(() -> metrics.waited(call, nanos));
  }

  @Override
  public void group(int commands) {
    carefully(() -> metrics.group(commands));
  }

  @Override
  public void committed(long nanos) {
    carefully(() -> metrics.committed(nanos));
  }

  @Override
  public void putAside(int rows) {
    carefully(() -> metrics.putAside(rows));
  }

  @Override
  public void synced(int batches, long nanos) {
    carefully(() -> metrics.synced(batches, nanos));
  }

  private void carefully(Runnable count) {
    try {
      count.run();
    } catch (RuntimeException e) {
      long failures = lines.count(1);
      if (failures > 0) {
        LOG.error(
            "The store's metrics broke, and miss something ({} times since the last line)",
            failures,
            e);
      }
    }
  }
}
