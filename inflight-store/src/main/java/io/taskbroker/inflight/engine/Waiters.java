package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Callers for whom nothing was ready. What becomes ready wakes one of them: of those whose filter
 * lets it through, the one that has waited longest. Nobody waits while something is ready for him.
 *
 * <p>Waiting changes no row, so a group that is taken back leaves this as it is. Each call costs
 * what it returns, never what waits. Not safe for several threads.
 *
 * @param <W> who waits
 */
public final class Waiters<W> {
  private final ReadyIndex ready;

  /** By filter, and there by the order in which they began to wait. No queue is empty. */
  private final Map<ClaimFilter, TreeMap<Long, Place<W>>> queues = new LinkedHashMap<>();

  private final TreeSet<Place<W>> byEnd =
      new TreeSet<>(
          Comparator.comparingLong((Place<W> place) -> place.untilMs)
              .thenComparingLong(place -> place.number));

  /** Applications and namespaces of which a row has become ready since it was looked at. */
  private final Set<ClaimFilter> fresh = new LinkedHashSet<>();

  private long nextNumber = 1;

  /** Where somebody waits; it is his for as long as he waits, however often he is woken. */
  public static final class Place<W> {
    final W who;
    final List<ClaimFilter> filters;
    final long untilMs;
    final long number;

    Place(W who, List<ClaimFilter> filters, long untilMs, long number) {
      this.who = who;
      this.filters = filters;
      this.untilMs = untilMs;
      this.number = number;
    }
  }

  Waiters(ReadyIndex ready) {
    this.ready = ready;
  }

  /**
   * Lets somebody wait for whom nothing was ready; behind all who wait already. What has become
   * ready since then wakes him.
   *
   * @param filters what one of them lets through is ready for him
   */
  public Place<W> wait(W who, List<ClaimFilter> filters, Moment until) {
    Place<W> place = new Place<>(who, filters, until.monotonicMs(), nextNumber++);
    waitOn(place);
    return place;
  }

  /** Lets somebody who was woken in vain wait on, where he waited before. */
  public void waitOn(Place<W> place) {
    if (byEnd.isEmpty()) {
      ready.watch(row -> fresh.add(filterOf(row)));
    }
    byEnd.add(place);
    for (ClaimFilter filter : place.filters) {
      queues.computeIfAbsent(filter, _ -> new TreeMap<>()).put(place.number, place);
      Row since = ready.oldest(filter);
      if (since != null) {
        fresh.add(filterOf(since));
      }
    }
  }

  private static ClaimFilter filterOf(Row row) {
    return new ClaimFilter(row.activation.application(), row.activation.namespace());
  }

  /** He waits no longer. False if he did not. */
  public boolean leave(Place<W> place) {
    if (!byEnd.remove(place)) {
      return false;
    }
    for (ClaimFilter filter : place.filters) {
      TreeMap<Long, Place<W>> queue = queues.get(filter);
      if (queue != null && queue.remove(place.number) != null && queue.isEmpty()) {
        queues.remove(filter);
      }
    }
    if (byEnd.isEmpty()) {
      ready.watch(null);
      fresh.clear();
    }
    return true;
  }

  /**
   * Those for whom something has become ready, as many as there are rows for them, and at most
   * {@code limit}; they wait no longer. Two of them may be after the same row, so whoever gets
   * nothing {@linkplain #waitOn waits on}, and this is asked again until it returns nobody.
   */
  public List<W> woken(int limit) {
    List<W> woken = new ArrayList<>();
    Iterator<ClaimFilter> looks = List.copyOf(fresh).iterator();
    while (looks.hasNext() && woken.size() < limit) {
      ClaimFilter rows = looks.next();
      int left = ready.count(rows);
      Place<W> longest = left == 0 ? null : longestWaiting(rows);
      if (longest == null) {
        fresh.remove(rows);
      }
      while (longest != null && left > 0 && woken.size() < limit) {
        leave(longest);
        woken.add(longest.who);
        left--;
        longest = longestWaiting(rows);
      }
    }
    return woken;
  }

  private @Nullable Place<W> longestWaiting(ClaimFilter rows) {
    return earlier(
        first(ClaimFilter.ANY),
        earlier(first(new ClaimFilter(rows.application(), null)), first(rows)));
  }

  private @Nullable Place<W> first(ClaimFilter filter) {
    TreeMap<Long, Place<W>> queue = queues.get(filter);
    return queue == null ? null : queue.firstEntry().getValue();
  }

  private static <W> @Nullable Place<W> earlier(@Nullable Place<W> one, @Nullable Place<W> other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.number < other.number ? one : other;
  }

  /** Whether {@link #woken} has somebody to look for. */
  public boolean hasFresh() {
    return !fresh.isEmpty();
  }

  /** Those whose time is over, at most {@code limit}; they wait no longer. */
  public List<W> over(Moment now, int limit) {
    List<W> over = new ArrayList<>();
    while (over.size() < limit && !byEnd.isEmpty() && byEnd.first().untilMs <= now.monotonicMs()) {
      Place<W> place = byEnd.first();
      leave(place);
      over.add(place.who);
    }
    return over;
  }

  /**
   * When the first of them has waited long enough, on the monotonic clock; null if nobody waits.
   */
  public @Nullable Long nextEndMs() {
    return byEnd.isEmpty() ? null : byEnd.first().untilMs;
  }

  public int size() {
    return byEnd.size();
  }
}
