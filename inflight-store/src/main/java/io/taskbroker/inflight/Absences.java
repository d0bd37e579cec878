package io.taskbroker.inflight;

import io.taskbroker.application.store.Absence;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Custody.Kept;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells which partitions are ours to read and have not come for longer than a hand-over takes, and
 * what becomes of them. Used on the custodian's thread.
 */
final class Absences {
  /** Longer than this a hand-over does not take. */
  private static final Duration LONG_WAIT = Duration.ofSeconds(5);

  private final OwnPartitions own;
  private final StoreWatch watch;

  /** Since when each of the awaited ones has been awaited. */
  private final Map<Partition, Moment> since = new LinkedHashMap<>();

  private final Set<Partition> told = new LinkedHashSet<>();

  Absences(OwnPartitions own, StoreWatch watch) {
    this.own = own;
    this.watch = watch;
  }

  /** Looks at what is awaited now. To be called each turn. */
  void look(Moment now) {
    Set<Partition> awaited = own.awaited();
    if (awaited.isEmpty() && since.isEmpty()) {
      return;
    }
    since.keySet().retainAll(awaited);
    awaited.forEach(partition -> since.putIfAbsent(partition, now));
    Set<Partition> over = new LinkedHashSet<>(told);
    over.removeAll(awaited);
    if (!over.isEmpty()) {
      List<Partition> here = own.here();
      over.forEach(
          one ->
              watch.absent(one, here.contains(one) ? new Absence.Over() : new Absence.GivenUp()));
      told.removeAll(over);
    }
  }

  /** Other brokers have these. */
  void areKept(List<Kept> kept, Moment now) {
    for (Kept one : kept) {
      tell(one.partition(), new Absence.WithAnother(one.owner(), one.silence()), now);
    }
  }

  /** The rows of this one are being read; this many have come. */
  void isRead(Partition partition, int rows, Moment now) {
    tell(partition, new Absence.BeingRead(rows), now);
  }

  private void tell(Partition partition, Absence absence, Moment now) {
    Moment began = since.get(partition);
    if (began != null && now.since(began).compareTo(LONG_WAIT) > 0) {
      watch.absent(partition, absence);
      told.add(partition);
    }
  }
}
