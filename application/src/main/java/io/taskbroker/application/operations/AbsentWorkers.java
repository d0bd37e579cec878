package io.taskbroker.application.operations;

import io.taskbroker.application.Elapsed;
import io.taskbroker.application.Stalls;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Ordered;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says of which applications tasks wait while no worker asks for them, when two looks in a row have
 * found that: workers that come a moment after their tasks are not absent. Used by one thread.
 */
public final class AbsentWorkers {
  /** Applications that are named at a time, those first of which most waits. */
  static final int MOST_NAMED = 20;

  static final String REMEDY =
      "Start a worker of that application, or look at why those that run do not ask.";

  private final Stalls stalls;
  private final Set<String> called;
  private final Set<String> named = new TreeSet<>();
  private Map<String, ApplicationDepth> before = Map.of();

  /**
   * @param called applications whose workers are called, of which pushing says who is away
   */
  public AbsentWorkers(Stalls stalls, Set<String> called) {
    this.stalls = stalls;
    this.called = Ordered.copyOf(called);
  }

  /**
   * Takes in what waits now.
   *
   * @return the same
   */
  public List<ApplicationDepth> look(List<ApplicationDepth> depths) {
    Map<String, ApplicationDepth> absent = new LinkedHashMap<>();
    depths.stream()
        .filter(depth -> isAbsent(depth) && !called.contains(depth.application()))
        .sorted(Comparator.comparingInt(depth -> -depth.pending()))
        .forEach(depth -> absent.put(depth.application(), depth));
    for (String application : List.copyOf(named)) {
      if (!absent.containsKey(application)) {
        stalls.end(what(application));
        named.remove(application);
      }
    }
    for (ApplicationDepth depth : absent.values()) {
      boolean isKnown = named.contains(depth.application());
      if (isKnown || (before.containsKey(depth.application()) && named.size() < MOST_NAMED)) {
        named.add(depth.application());
        stalls.begin(what(depth.application()), why(depth), REMEDY);
      }
    }
    before = absent;
    return depths;
  }

  /** Whether something waits that nobody asks for. */
  static boolean isAbsent(ApplicationDepth depth) {
    return depth.pending() > 0 && (!depth.asked() || depth.sinceAsked().isEmpty());
  }

  /** As a stall and an explanation call it. */
  static String what(String application) {
    return "Application '%s'".formatted(application);
  }

  static String why(ApplicationDepth depth) {
    String waiting = depth.pending() == 1 ? "1 task waits" : depth.pending() + " tasks wait";
    String since =
        depth
            .sinceAsked()
            .map(length -> "for " + Elapsed.text(length))
            .orElse("since the broker started");
    return "%s, and no worker has asked for that %s".formatted(waiting, since);
  }
}
