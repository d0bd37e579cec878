package io.taskbroker.simulation.world;

import io.taskbroker.simulation.schedule.Scheduler;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What is wrong with the disk of one broker, and until when. */
final class DiskFaults {
  /** What may be wrong for a while. */
  enum Trouble {
    /** Nothing can be written. */
    FULL,
    /** A write does not come back before the end. */
    WRITES_HANG,
    /** A sync does not come back before the end. */
    SYNCS_HANG,
    /** No payload can be read. */
    UNREADABLE,
    /** Each call takes long. */
    SLOW,
    /** Beats get no answer, while everything else does: their connection is dead. */
    BEATS_HANG
  }

  /** What may happen to one call. */
  enum Accident {
    /** It is written, and nobody can tell. */
    WRITTEN_UNKNOWN,
    /** It is not written, and nobody can tell. */
    NOT_WRITTEN_UNKNOWN,
    /** A sync fails, which is final. */
    SYNC_FAILS,
    /** A change of custody is made, and its answer is lost. */
    CUSTODY_UNKNOWN,
    /** The disk is full for a moment, just when the broker is told what became of a claim. */
    FULL_AT_A_FACT,
    /** The server is away for one call, which is to take in what other brokers were told. */
    AWAY_AT_REPORTS,
    /** The server is away for a while, from when Kafka has acknowledged something on. */
    AWAY_AT_AN_ACKNOWLEDGEMENT,
    /** The server crashes while what came in is on its way to its disk. */
    CRASH_AT_A_SYNC
  }

  private final Scheduler scheduler;
  private final Map<Trouble, Long> until = new EnumMap<>(Trouble.class);
  private final Map<Accident, Integer> pending = new EnumMap<>(Accident.class);
  private long lastAccident;
  private final Set<String> unreadable = new TreeSet<>();
  private final Set<String> unwritable = new TreeSet<>();

  DiskFaults(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  void begin(Trouble trouble, long nanos) {
    until.merge(trouble, scheduler.nanos() + nanos, Math::max);
  }

  void prepare(Accident accident) {
    pending.merge(accident, 1, Integer::sum);
  }

  void makeUnreadable(String root) {
    unreadable.add(root);
  }

  void makeUnwritable(String root) {
    unwritable.add(root);
  }

  void heal() {
    until.replaceAll((_, end) -> Math.min(end, scheduler.nanos()));
    pending.clear();
  }

  void healRows() {
    unreadable.clear();
    unwritable.clear();
  }

  boolean is(Trouble trouble) {
    return until(trouble) > scheduler.nanos();
  }

  long until(Trouble trouble) {
    return until.getOrDefault(trouble, 0L);
  }

  boolean happens(Accident accident) {
    int left = pending.getOrDefault(accident, 0);
    if (left > 0) {
      pending.put(accident, left - 1);
      lastAccident = scheduler.nanos();
    }
    return left > 0;
  }

  /** Whether nothing has been wrong since then, but for single rows. */
  boolean isWell(long sinceNanos) {
    return unreadable.isEmpty()
        && unwritable.isEmpty()
        && lastAccident <= sinceNanos
        && until.values().stream().noneMatch(end -> end > sinceNanos);
  }

  /** Whether no group has been written slowly or in vain since then. */
  boolean isQuick(long sinceNanos) {
    return lastAccident <= sinceNanos
        && until.entrySet().stream()
            .noneMatch(one -> one.getKey() != Trouble.BEATS_HANG && one.getValue() > sinceNanos);
  }

  boolean isTroubled() {
    for (Trouble trouble : Trouble.values()) {
      if (is(trouble)) {
        return true;
      }
    }
    return false;
  }

  boolean isUnreadable(String root) {
    return unreadable.contains(root);
  }

  boolean isUnwritable(String root) {
    return unwritable.contains(root);
  }
}
