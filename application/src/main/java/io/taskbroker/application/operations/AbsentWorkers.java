package io.taskbroker.application.operations;

import io.taskbroker.application.Elapsed;
import io.taskbroker.application.Stalls;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.operator.Pause;
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
   * @param pauses those in force; an application that is paused as a whole stands still for that,
   *     not for want of workers
   * @return {@code depths}
   */
  public List<ApplicationDepth> look(List<ApplicationDepth> depths, List<Pause> pauses) {
    Map<String, ApplicationDepth> absent = new LinkedHashMap<>();
    depths.stream()
        .filter(depth -> isAbsent(depth, pauses) && !called.contains(depth.application()))
        .sorted(Comparator.comparingInt(depth -> -depth.pending()))
        .forEach(depth -> absent.put(depth.application(), depth));
    for (String application : List.copyOf(named)) {
      if (!absent.containsKey(application)) {
        end(application, depths, pauses);
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

  private void end(String application, List<ApplicationDepth> depths, List<Pause> pauses) {
    if (isPaused(application, pauses)) {
      stalls.abandon(what(application), "it is paused");
    } else if (depths.stream()
        .anyMatch(depth -> depth.application().equals(application) && !isUnasked(depth))) {
      stalls.end(what(application));
    } else {
      stalls.end(what(application), "none of its tasks waits any more");
    }
  }

  /** Whether something waits, is not paused, and nobody asks for it. */
  public static boolean isAbsent(ApplicationDepth depth, List<Pause> pauses) {
    return depth.pending() > 0 && isUnasked(depth) && !isPaused(depth.application(), pauses);
  }

  private static boolean isUnasked(ApplicationDepth depth) {
    return !depth.asked() || depth.sinceAsked().isEmpty();
  }

  private static boolean isPaused(String application, List<Pause> pauses) {
    return pauses.stream().anyMatch(pause -> pause.target().isAllOf(application));
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
