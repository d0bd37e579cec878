package io.taskbroker.application.push;

import io.taskbroker.application.push.WorkerGateway.Workers;
import io.taskbroker.domain.Moment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one application, and which of them takes the next task. For one thread at a
 * time.
 */
final class ConnectionTable {
  private final Map<WorkerConnection, ConnectionState> current = new LinkedHashMap<>();

  /** Gone, with pushes that have not ended. */
  private final List<ConnectionState> leaving = new ArrayList<>();

  private Workers known = new Workers(List.of(), "");
  private long uses;

  /**
   * Follows the gateway's connections.
   *
   * @return those that are gone
   */
  List<ConnectionState> follow(Workers workers) {
    leaving.removeIf(one -> one.underWay() == 0);
    if (workers.equals(known)) {
      return List.of();
    }
    known = workers;
    List<ConnectionState> gone = new ArrayList<>();
    for (ConnectionState one : List.copyOf(current.values())) {
      if (!workers.connections().contains(one.connection())) {
        current.remove(one.connection());
        one.leave();
        gone.add(one);
      }
    }
    leaving.addAll(gone);
    workers.connections().forEach(one -> current.computeIfAbsent(one, ConnectionState::new));
    return gone;
  }

  /**
   * The connection for such a task: of those that take it the one with the fewest pushes under way,
   * of several the one whose last use is longest ago. Slow ones come last.
   *
   * <p>At most {@code concurrency} pushes are under way. Pushes that wait on slow connections do
   * not count against the others, so that a worker that hangs takes no place away from those that
   * work.
   *
   * @return null if none takes it now
   */
  @Nullable ConnectionState pick(
      boolean atMostOnce, long payloadBytes, int concurrency, Moment now) {
    ConnectionState best = null;
    boolean bestIsSlow = false;
    for (ConnectionState one : current.values()) {
      if (one.takes(atMostOnce, payloadBytes, now)) {
        boolean slow = one.isSlow(now);
        if (best == null || isBetter(one, slow, best, bestIsSlow)) {
          best = one;
          bestIsSlow = slow;
        }
      }
    }
    if (best == null) {
      return null;
    }
    int counting = bestIsSlow ? underWay(_ -> true) : underWay(one -> !one.isSlow(now));
    return counting < concurrency ? best : null;
  }

  private static boolean isBetter(
      ConnectionState one, boolean slow, ConnectionState best, boolean bestIsSlow) {
    if (slow != bestIsSlow) {
      return bestIsSlow;
    }
    return one.underWay() != best.underWay()
        ? one.underWay() < best.underWay()
        : one.lastUse() < best.lastUse();
  }

  /** Pushes under way on those connections. */
  int underWay(Predicate<ConnectionState> of) {
    int pushes = 0;
    for (ConnectionState one : current.values()) {
      pushes += of.test(one) ? one.underWay() : 0;
    }
    for (ConnectionState one : leaving) {
      pushes += of.test(one) ? one.underWay() : 0;
    }
    return pushes;
  }

  void sends(PushUnderWay push) {
    push.over().sends(push, ++uses);
  }

  /** Whether any connection takes such tasks, or will as soon as a worker has room. */
  boolean hopesFor(boolean atMostOnce, Moment now) {
    for (ConnectionState one : current.values()) {
      if (one.hopesFor(atMostOnce, now)) {
        return true;
      }
    }
    return false;
  }

  Collection<ConnectionState> all() {
    return current.values();
  }

  /** The workers behind these connections: a row for each address, or one that says why none. */
  List<CalledWorker> workers(String application) {
    Map<String, CalledWorker> byAddress = new LinkedHashMap<>();
    for (ConnectionState one : current.values()) {
      String address = one.connection().address();
      CalledWorker before =
          byAddress.getOrDefault(address, new CalledWorker(application, address, 0, 0, 0, ""));
      byAddress.put(
          address,
          new CalledWorker(
              application,
              address,
              before.connections() + 1,
              before.resting() + (one.isAtRest() ? 1 : 0),
              before.underWay() + one.underWay(),
              before.trouble().isEmpty() && one.isAtRest() ? one.reason() : before.trouble()));
    }
    return byAddress.isEmpty()
        ? List.of(new CalledWorker(application, "", 0, 0, 0, known.trouble()))
        : List.copyOf(byAddress.values());
  }

  /** Why connections take nothing, in words for an operator. */
  String trouble() {
    List<ConnectionState> resting =
        current.values().stream().filter(ConnectionState::isAtRest).toList();
    if (resting.isEmpty()) {
      return known.trouble();
    }
    ConnectionState first = resting.getFirst();
    String others = resting.size() == 1 ? "" : ", and " + (resting.size() - 1) + " more";
    return first.reason() + " (" + first.connection() + others + ")";
  }
}
