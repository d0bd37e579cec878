package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How each partition stands with this engine; all are here, always, unless brokers share rows. */
final class Standings {
  /** How one partition stands. */
  enum Standing {
    /** Some of its rows are here. They can be claimed; nothing new comes in. */
    COMING,
    /** All are. */
    HERE,
    /** They are being forgotten; nothing new comes in, and nothing is handed out or leaves. */
    GOING
  }

  private final boolean isWhole;
  private final Map<Partition, Standing> partitions = new LinkedHashMap<>();

  /** What Kafka has acknowledged in partitions that were not here then. */
  private final Map<Partition, Long> acknowledged = new LinkedHashMap<>();

  /**
   * @param isWhole whether everything is here, always
   */
  Standings(boolean isWhole) {
    this.isWhole = isWhole;
  }

  boolean isWhole() {
    return isWhole;
  }

  /** Whether all of its rows are here, so that new ones may come in. */
  boolean isHere(Partition partition) {
    return isWhole || partitions.get(partition) == Standing.HERE;
  }

  /** Whether rows of it are here, or may come. */
  boolean has(Partition partition) {
    return isWhole || partitions.containsKey(partition);
  }

  /** Whether rows of it are being brought in, or are here. */
  boolean isComingOrHere(Partition partition) {
    Standing standing = partitions.get(partition);
    return standing == Standing.COMING || standing == Standing.HERE;
  }

  /** Whether rows of it are being forgotten. */
  boolean isGoing(Partition partition) {
    return !isWhole && partitions.get(partition) == Standing.GOING;
  }

  Set<Partition> all() {
    return Ordered.copyOf(partitions.keySet());
  }

  void put(Partition partition, Standing standing) {
    partitions.put(partition, standing);
  }

  void remove(Partition partition) {
    partitions.remove(partition);
    acknowledged.remove(partition);
  }

  /** Kafka has acknowledged this position in a partition that is not here. */
  void remember(Partition partition, long position) {
    acknowledged.merge(partition, position, Math::max);
  }

  /** The group stands elsewhere, in a partition that is not here. */
  void forgetPosition(Partition partition) {
    acknowledged.remove(partition);
  }

  /** What was acknowledged while the partition was not here; null if nothing was. */
  @Nullable Long remembered(Partition partition) {
    return acknowledged.get(partition);
  }

  /**
   * Why an at-most-once row may not run yet. Where rows go with their partitions, nobody else can
   * have run it: it waits for the commit alone.
   */
  Hold hold(Hold wanted) {
    return isWhole ? wanted : Hold.UNTIL_COMMITTED;
  }
}
