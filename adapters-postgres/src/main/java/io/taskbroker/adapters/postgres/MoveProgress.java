package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people how the rows of the reference's table come over. Used by one thread. */
final class MoveProgress {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final TimeSource time;

  /** Null while nothing is left to be moved. */
  private @Nullable Moment began;

  private Moment lastLine;
  private long moved;

  MoveProgress(TimeSource time) {
    this.time = time;
    this.lastLine = time.now();
  }

  /** That many rows of these partitions are to be moved, or are no more. */
  void found(Map<Partition, Long> left) {
    if (left.isEmpty()) {
      end();
    } else if (began == null) {
      began = time.now();
      lastLine = time.now();
      moved = 0;
      if (sum(left) > ReferenceTable.AT_ONCE) {
        LOG.info(
            "{} rows of getsentry/taskbroker's table are moved into this broker's, {} at a time;"
                + " each can be handed out as soon as it has come: {}",
            sum(left),
            ReferenceTable.AT_ONCE,
            left);
      }
    }
  }

  /**
   * A piece has been moved.
   *
   * @param left about how many are left of each partition
   */
  void moved(int rows, Map<Partition, Long> left) {
    moved += rows;
    if (left.isEmpty()) {
      end();
      return;
    }
    Moment now = time.now();
    if (now.since(lastLine).compareTo(BETWEEN_LINES) >= 0) {
      lastLine = now;
      LOG.info(
          "{} rows of getsentry/taskbroker's table have moved, and about {} are left",
          moved,
          sum(left));
    }
  }

  private void end() {
    if (began != null && moved > 0) {
      LOG.info(
          "{} rows of getsentry/taskbroker's table have moved into this broker's in {} ms",
          moved,
          time.now().since(began).toMillis());
    }
    began = null;
  }

  private static long sum(Map<Partition, Long> left) {
    return left.values().stream().mapToLong(Long::longValue).sum();
  }
}
