package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for which application's work, and how many rows wait that nobody asks for.
 *
 * <p>Once nobody has asked for an application for {@link Backpressure#ASKED_WITHIN}, its rows count
 * towards the store's size only. When somebody asks again, the rows that came before go on like
 * that until they are gone, so that their number cannot hold intake; rows that come later count.
 */
final class Demand {
  /** Heap of one application's entry. */
  private static final int ENTRY_BYTES = 240;

  /** Names are callers' words: of more than this many, those without rows are not remembered. */
  private static final int MOST_NAMES = 10_000;

  /** Of more idle names than this, the time of the last ask is forgotten. */
  private static final int MOST_IDLE = 1_000;

  private static final long WITHIN_MS = Backpressure.ASKED_WITHIN.toMillis();
  private static final long NEVER = Long.MIN_VALUE / 2;

  /** By name, so that a list of them can be cut. */
  private final TreeMap<String, Application> applications = new TreeMap<>();

  /** Whoever is asked for, by the time at which that may be over. */
  private final Queue<Application> toJudge =
      new PriorityQueue<>(Comparator.comparingLong(application -> application.judgeAfterMs));

  /** When idle names were last asked for, in the order in which they became idle. */
  private final LinkedHashMap<String, Long> idleAskedMs = new LinkedHashMap<>();

  private Set<String> served = Set.of();
  private long nowMs = NEVER;

  /** When everything was asked for the last time; the start counts as such a time. */
  private long allAskedMs = NEVER;

  private boolean isAnyoneSeen;

  /** Rows up to this key are not counted in applications that are asked for only as all are. */
  private long allUncountedUpTo;

  private long lastKey;
  private int withRows;

  /** In how many seconds pending rows of an application were due, of all applications together. */
  private int seconds;

  private int uncountedPending;
  private int uncountedDelayed;

  private static final class Application {
    final String name;
    long askedMs = NEVER;
    long judgeAfterMs;
    boolean isQueued;
    boolean isAsked;

    /** Rows up to this key are not counted. */
    long uncountedUpTo;

    final DueTimes due = DueTimes.bySecond();
    int pending;
    int delayed;
    int uncountedPending;
    int uncountedDelayed;

    Application(String name) {
      this.name = name;
    }

    boolean hasRows() {
      return pending > 0 || delayed > 0;
    }
  }

  /** The time of what comes next; the first time is the start. */
  void at(Moment now) {
    nowMs = now.monotonicMs();
    if (allAskedMs == NEVER) {
      allAskedMs = nowMs;
    }
  }

  // ---------------------------------------------------------------- rows

  /** A row of this key is there. */
  void arrived(long key) {
    lastKey = Math.max(lastKey, key);
  }

  void addPending(Row row) {
    pending(row, 1);
  }

  void removePending(Row row) {
    pending(row, -1);
  }

  void addDelayed(Row row) {
    delayed(row, 1);
  }

  void removeDelayed(Row row) {
    delayed(row, -1);
  }

  private void pending(Row row, int sign) {
    Application application = of(row.activation.application());
    boolean hadRows = application.hasRows();
    application.pending += sign;
    seconds -= application.due.size();
    if (sign > 0) {
      application.due.add(row);
    } else {
      application.due.remove(row);
    }
    seconds += application.due.size();
    if (row.key <= application.uncountedUpTo) {
      application.uncountedPending += sign;
      uncountedPending += sign;
    }
    rowsChanged(application, hadRows);
  }

  private void delayed(Row row, int sign) {
    Application application = of(row.activation.application());
    boolean hadRows = application.hasRows();
    application.delayed += sign;
    if (row.key <= application.uncountedUpTo) {
      application.uncountedDelayed += sign;
      uncountedDelayed += sign;
    }
    rowsChanged(application, hadRows);
  }

  private void rowsChanged(Application application, boolean hadRows) {
    if (hadRows != application.hasRows()) {
      withRows += hadRows ? -1 : 1;
      forgetIfIdle(application);
    }
  }

  private void forgetIfIdle(Application application) {
    if (!application.isAsked && !application.hasRows()) {
      applications.remove(application.name);
      if (application.askedMs != NEVER) {
        idleAskedMs.putLast(application.name, application.askedMs);
        if (idleAskedMs.size() > MOST_IDLE) {
          idleAskedMs.pollFirstEntry();
        }
      }
    }
  }

  private Application of(String name) {
    Application known = applications.get(name);
    if (known != null) {
      return known;
    }
    Application first = new Application(name);
    Long askedBefore = idleAskedMs.remove(name);
    if (askedBefore != null) {
      first.askedMs = askedBefore;
    }
    applications.put(name, first);
    if (isAskedNow(first)) {
      first.isAsked = true;
      first.uncountedUpTo = allUncountedUpTo;
      judgeLater(first);
    } else {
      first.uncountedUpTo = Long.MAX_VALUE;
    }
    return first;
  }

  // ---------------------------------------------------------------- asking

  private boolean isAskedNow(Application application) {
    return served.contains(application.name)
        || nowMs - Math.max(application.askedMs, allAskedMs) <= WITHIN_MS;
  }

  /** Workers of these are named in {@code worker_map}: they count as asked for always. */
  void serve(Set<String> names) {
    Set<String> before = served;
    for (String name : names) {
      Application application = applications.get(name);
      if (application != null && application.isAsked && !isAskedNow(application)) {
        ceaseToCount(application); // as it would have been, had it been judged already
      }
    }
    served = Ordered.sorted(names);
    for (String name : served) {
      Application application = applications.get(name);
      if (application != null && !before.contains(name)) {
        beginToCount(application);
      }
    }
  }

  /** Somebody wants work of this application; null for any. */
  void asked(@Nullable String name) {
    if (name == null) {
      askedForAll();
      return;
    }
    Application application = applications.get(name);
    if (application == null && applications.size() < MOST_NAMES) {
      application = of(name);
    }
    if (application != null) {
      if (application.isAsked && !isAskedNow(application)) {
        ceaseToCount(application);
      }
      application.askedMs = nowMs;
      beginToCount(application);
    }
  }

  private void askedForAll() {
    if (nowMs - allAskedMs > WITHIN_MS) {
      for (Application application : applications.values()) {
        if (application.isAsked && !isAskedNow(application)) {
          ceaseToCount(application);
        }
      }
      allUncountedUpTo = lastKey;
      applications.values().forEach(this::beginToCount);
    }
    allAskedMs = nowMs;
    isAnyoneSeen = true;
  }

  private void beginToCount(Application application) {
    if (!application.isAsked) {
      application.isAsked = true;
      application.uncountedUpTo = lastKey;
      judgeLater(application);
    }
  }

  private void ceaseToCount(Application application) {
    application.isAsked = false;
    application.uncountedUpTo = Long.MAX_VALUE;
    uncountedPending += application.pending - application.uncountedPending;
    uncountedDelayed += application.delayed - application.uncountedDelayed;
    application.uncountedPending = application.pending;
    application.uncountedDelayed = application.delayed;
  }

  private void judgeLater(Application application) {
    if (!application.isQueued) {
      long asked = Math.max(application.askedMs, allAskedMs);
      application.judgeAfterMs = (served.contains(application.name) ? nowMs : asked) + WITHIN_MS;
      application.isQueued = true;
      toJudge.add(application);
    }
  }

  /** Finds those that nobody has asked for long enough, as far as the budget goes. */
  void judge(Budget budget) {
    for (Application next = toJudge.peek();
        next != null && next.judgeAfterMs < nowMs && !budget.isSpent();
        next = toJudge.peek()) {
      toJudge.remove();
      next.isQueued = false;
      budget.row();
      judge(next);
    }
  }

  private void judge(Application application) {
    if (isAskedNow(application)) {
      judgeLater(application);
    } else if (application.isAsked) {
      ceaseToCount(application);
      forgetIfIdle(application);
    }
  }

  // ---------------------------------------------------------------- questions

  /** Pending rows that count towards the store's size only. */
  int uncountedPending() {
    return uncountedPending;
  }

  /** Delayed rows, due within the hour, that count towards the store's size only. */
  int uncountedDelayed() {
    return uncountedDelayed;
  }

  /** Estimated heap; names without rows are few. */
  long memoryBytes() {
    return (long) withRows * ENTRY_BYTES + (long) seconds * DueTimes.STRETCH_BYTES;
  }

  /**
   * What waits for each application, by name; nothing may wait for some.
   *
   * @param after the last name of the piece before; null for the first piece
   * @param limit most entries to look at
   */
  List<ApplicationDepth> depths(@Nullable String after, int limit, Moment now) {
    List<ApplicationDepth> depths = new ArrayList<>();
    Map<String, Application> rest =
        after == null ? applications : applications.tailMap(after, false);
    int looked = 0;
    for (Application application : rest.values()) {
      if (looked++ == limit) {
        break;
      }
      depths.add(depth(application, now));
    }
    return depths;
  }

  private ApplicationDepth depth(Application application, Moment now) {
    long asked = Math.max(application.askedMs, isAnyoneSeen ? allAskedMs : NEVER);
    return new ApplicationDepth(
        application.name,
        application.pending,
        application.due.oldest(now),
        asked == NEVER ? Optional.empty() : Optional.of(Duration.ofMillis(nowMs - asked)),
        isAskedNow(application));
  }
}
