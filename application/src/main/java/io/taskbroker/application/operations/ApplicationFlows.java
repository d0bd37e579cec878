package io.taskbroker.application.operations;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.TaskCount;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How much there was of each application lately, and how much of it ended meanwhile: what came is
 * what ended and what there is more. Used by one thread.
 */
final class ApplicationFlows {
  /** Between two samples. */
  static final Duration EVERY = Duration.ofSeconds(5);

  /** A minute of them, and the one at which the minute begins. */
  private static final int MOST = 13;

  private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * @param ended since the sample before
   */
  private record Sample(Moment at, Map<String, Depth> depths, Map<String, Long> ended) {
    int inside(String application) {
      return depths.getOrDefault(application, Depth.NONE).inside();
    }

    int waiting(String application) {
      return depths.getOrDefault(application, Depth.NONE).waiting();
    }

    long ended(String application) {
      return ended.getOrDefault(application, 0L);
    }
  }

  /**
   * @param inside all that can still be handed out, or is
   */
  private record Depth(int waiting, int inside) {
    static final Depth NONE = new Depth(0, 0);

    Depth plus(Map<Status, Integer> kind) {
      int more = 0;
      for (Status status :
          List.of(Status.DELAY, Status.PENDING, Status.CLAIMED, Status.PROCESSING)) {
        more += kind.getOrDefault(status, 0);
      }
      return new Depth(waiting + kind.getOrDefault(Status.PENDING, 0), inside + more);
    }
  }

  boolean isDue(Moment now) {
    return samples.isEmpty() || now.since(samples.getLast().at()).compareTo(EVERY) >= 0;
  }

  /**
   * @param counts of all that is stored
   * @param ended how many tasks of each application have, since the sample before
   */
  void sample(Moment now, List<TaskCount> counts, Map<String, Long> ended) {
    Map<String, Depth> depths = new TreeMap<>();
    for (TaskCount count : counts) {
      depths.merge(
          count.names().application(),
          Depth.NONE.plus(count.byStatus()),
          (before, _) -> before.plus(count.byStatus()));
    }
    samples.addLast(new Sample(now, depths, new TreeMap<>(ended)));
    while (samples.size() > MOST) {
      samples.removeFirst();
    }
  }

  /** Forgets all, since something is missing in between. */
  void forget() {
    samples.clear();
  }

  /** In the order of their names; none until there are two samples. */
  List<ApplicationFlow> flows() {
    if (samples.size() < 2) {
      return List.of();
    }
    Sample first = samples.getFirst();
    Sample last = samples.getLast();
    double seconds = Math.max(1, last.at().since(first.at()).toMillis()) / 1e3;
    TreeSet<String> names = new TreeSet<>(first.depths().keySet());
    names.addAll(last.depths().keySet());
    samples.forEach(sample -> names.addAll(sample.ended().keySet()));
    List<ApplicationFlow> flows = new ArrayList<>();
    for (String name : names) {
      long ended = samples.stream().skip(1).mapToLong(sample -> sample.ended(name)).sum();
      long came = Math.max(0, ended + last.inside(name) - first.inside(name));
      int waiting = last.waiting(name);
      if (waiting > 0 || came > 0 || ended > 0) {
        flows.add(new ApplicationFlow(name, waiting, came / seconds, ended / seconds));
      }
    }
    return flows;
  }
}
