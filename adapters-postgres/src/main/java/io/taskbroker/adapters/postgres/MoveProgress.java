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

  /**
   * Rows to be moved have been looked for.
   *
   * @param found how many rows this look has added, by partition
   * @param left about how many are to be moved in all, by partition
   */
  void found(Map<Partition, Long> found, Map<Partition, Long> left) {
    if (left.isEmpty()) {
      end();
      return;
    }
    if (began == null) {
      began = time.now();
      lastLine = time.now();
      moved = 0;
    }
    if (sum(found) > ReferenceTable.AT_ONCE) {
      LOG.info(
          "{} rows are moved from getsentry/taskbroker's table, {} at a time; each can be handed"
              + " out as soon as it has come: {}",
          sum(found),
          ReferenceTable.AT_ONCE,
          found);
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
          "{} rows have moved from getsentry/taskbroker's table, and about {} are left",
          moved,
          sum(left));
    }
  }

  private void end() {
    if (began != null && moved > 0) {
      LOG.info(
          "{} rows have moved from getsentry/taskbroker's table in {} ms; no more are left of this broker's partitions",
          moved,
          time.now().since(began).toMillis());
    }
    began = null;
  }

  private static long sum(Map<Partition, Long> left) {
    return left.values().stream().mapToLong(Long::longValue).sum();
  }
}
