package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far Kafka has acknowledged the group's commits, and which rows wait for it: at-most-once ones
 * that may not run before, and finished ones whose record could come again until then.
 *
 * <p>What a journal is to keep is not always that. To the next process a row behind the kept
 * position is one that this broker alone has. So the kept position stays at the first row of which
 * that is not so, until the row is over in the journal, too.
 */
final class Coverage {
  static final long UNKNOWN = Long.MIN_VALUE;

  private static final Comparator<Row> BY_OFFSET = Row.by(row -> row.activation.offset());

  private final Map<Partition, Waiting> partitions = new LinkedHashMap<>();

  /** Those of which the journal has another position than it should. */
  private final Set<Waiting> unwritten = new LinkedHashSet<>();

  /** Those whose first row waits no longer. */
  private final Set<Waiting> settleable = new LinkedHashSet<>();

  /** Partitions of these topics alone can send records again; null while nobody has said. */
  private @Nullable Set<String> consumedTopics;

  private static final class Waiting {
    final Partition partition;
    long acknowledged = UNKNOWN;

    /** As the journal has it. */
    long written = UNKNOWN;

    final TreeSet<Row> rows = new TreeSet<>(BY_OFFSET);

    /** Held, and put aside: they are not settled. */
    final TreeSet<Row> aside = new TreeSet<>(BY_OFFSET);

    /** Those of both that may run only if their records come again. */
    final TreeSet<Row> doubtful = new TreeSet<>(BY_OFFSET);

    boolean settleable;

    /** Under way; until it is done with, no row is settled. */
    @Nullable Loss loss;

    Waiting(Partition partition) {
      this.partition = partition;
    }

    /** As the journal should have it. */
    long due() {
      return doubtful.isEmpty()
          ? acknowledged
          : Math.min(acknowledged, doubtful.first().activation.offset());
    }
  }

  /**
   * A partition's loss on its way through the rows that wait in it, which may be too many for one
   * turn.
   */
  static final class Loss {
    /** As far as the group's commits were acknowledged when the partition was lost. */
    private final long acknowledged;

    private @Nullable Row lastSeen;

    private Loss(long acknowledged) {
      this.acknowledged = acknowledged;
    }
  }

  boolean covers(Row row) {
    Partition partition = row.activation.partition();
    if (isAbandoned(partition)) {
      return true;
    }
    Waiting waiting = partitions.get(partition);
    return waiting != null && row.activation.offset() < waiting.acknowledged;
  }

  private boolean isSettleable(Waiting waiting) {
    return waiting.loss == null
        && !waiting.rows.isEmpty()
        && (waiting.rows.first().activation.offset() < waiting.acknowledged
            || isAbandoned(waiting.partition));
  }

  /** A finished row. */
  void add(Row row) {
    Waiting waiting = at(row.activation.partition());
    waiting.rows.add(row);
    judge(waiting);
  }

  void remove(Row row) {
    Waiting waiting = at(row.activation.partition());
    waiting.rows.remove(row);
    judge(waiting);
  }

  /** An at-most-once row that neither runs nor leaves. */
  void hold(Row row) {
    Waiting waiting = at(row.activation.partition());
    (row.putAside == null ? waiting.rows : waiting.aside).add(row);
    if (row.hold == Hold.UNTIL_REDELIVERED) {
      waiting.doubtful.add(row);
    }
    judge(waiting);
  }

  void release(Row row) {
    Waiting waiting = at(row.activation.partition());
    (row.putAside == null ? waiting.rows : waiting.aside).remove(row);
    if (row.hold == Hold.UNTIL_REDELIVERED) {
      waiting.doubtful.remove(row);
    }
    judge(waiting);
  }

  private void judge(Waiting waiting) {
    if (waiting.due() == waiting.written) {
      unwritten.remove(waiting);
    } else {
      unwritten.add(waiting);
    }
    boolean now = isSettleable(waiting);
    if (now != waiting.settleable) {
      waiting.settleable = now;
      if (now) {
        settleable.add(waiting);
      } else {
        settleable.remove(waiting);
      }
    }
  }

  long acknowledged(Partition partition) {
    Waiting waiting = partitions.get(partition);
    return waiting == null ? UNKNOWN : waiting.acknowledged;
  }

  void acknowledge(Partition partition, long position) {
    Waiting waiting = at(partition);
    waiting.acknowledged = position;
    judge(waiting);
  }

  /** Positions that the journal should have, and has not. */
  Map<Partition, Long> due() {
    Map<Partition, Long> due = new LinkedHashMap<>();
    unwritten.forEach(waiting -> due.put(waiting.partition, waiting.due()));
    return due;
  }

  /** The journal has this position. */
  void written(Partition partition, long position) {
    Waiting waiting = at(partition);
    waiting.written = position;
    judge(waiting);
  }

  void onlyConsumed(Set<String> topics) {
    consumedTopics = Ordered.copyOf(topics);
    partitions.values().forEach(this::judge);
  }

  /** Some row that waits no longer, or null. */
  @Nullable Row firstCovered() {
    return settleable.isEmpty() ? null : settleable.iterator().next().rows.first();
  }

  /** Whether the partition's loss is on its way through its rows. */
  boolean isBeingLost(Partition partition) {
    return at(partition).loss != null;
  }

  /**
   * The next row that was not committed when the partition was lost; null once there is none, and
   * then the loss is over.
   */
  @Nullable Row nextLost(Partition partition) {
    Waiting waiting = at(partition);
    Loss loss = waiting.loss;
    if (loss == null) {
      loss = new Loss(isAbandoned(partition) ? Long.MAX_VALUE : waiting.acknowledged);
      waiting.loss = loss;
    }
    // backwards, so that no committed one is seen
    Row next = later(before(loss.lastSeen, waiting.rows), before(loss.lastSeen, waiting.aside));
    if (next != null && next.activation.offset() < loss.acknowledged) {
      next = null;
    }
    loss.lastSeen = next;
    if (next == null) {
      waiting.loss = null;
    }
    judge(waiting);
    return next;
  }

  /** What the losses under way have done was taken back: they begin anew. */
  void restartLosses() {
    partitions.values().forEach(Coverage::restart);
  }

  private static void restart(Waiting waiting) {
    if (waiting.loss != null) {
      waiting.loss.lastSeen = null;
    }
  }

  private static @Nullable Row before(@Nullable Row seen, NavigableSet<Row> rows) {
    if (rows.isEmpty()) {
      return null;
    }
    return seen == null ? rows.last() : rows.lower(seen);
  }

  private static @Nullable Row later(@Nullable Row one, @Nullable Row other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.activation.offset() > other.activation.offset() ? one : other;
  }

  /** Partitions that rows still wait for. */
  Set<Partition> awaited() {
    Set<Partition> awaited = new LinkedHashSet<>();
    partitions.forEach(
        (partition, waiting) -> {
          if (!waiting.rows.isEmpty()) {
            awaited.add(partition);
          }
        });
    return awaited;
  }

  /** Nothing is known of this partition any more, and none of its rows is here. */
  void forget(Partition partition) {
    Waiting waiting = partitions.remove(partition);
    if (waiting != null) {
      unwritten.remove(waiting);
      settleable.remove(waiting);
    }
  }

  private boolean isAbandoned(Partition partition) {
    return partition.number() < 0
        || (consumedTopics != null && !consumedTopics.contains(partition.topic()));
  }

  private Waiting at(Partition partition) {
    return partitions.computeIfAbsent(partition, Waiting::new);
  }
}
