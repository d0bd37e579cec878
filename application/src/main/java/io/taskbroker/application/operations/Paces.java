package io.taskbroker.application.operations;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskNames;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast tasks went in the last minutes, by their names, and what came to and left each
 * application. Each look sums up what has happened since the last one, so there has to be one each
 * second or so. Safe for all threads.
 */
public final class Paces {
  /** Of a span; that many spans are kept. */
  private static final Duration SPAN = Duration.ofMinutes(1);

  private static final int SPANS = 5;

  /** Names of a span: some 2 KB each. */
  static final int MOST_NAMES = 500;

  /** Kinds of tasks that are asked for at once, and altogether. */
  private static final int PIECE = 1_000;

  private static final int MOST_KINDS = 5_000;

  private final Supplier<List<EndedTask>> ended;
  private final StoredTasks stored;
  private final TimeSource time;
  private final Deque<Span> spans = new ArrayDeque<>();
  private final ApplicationFlows flows = new ApplicationFlows();
  private final Map<String, Long> endedSince = new LinkedHashMap<>();

  private record Span(Moment begun, PaceTable table) {}

  /**
   * @param tasks that ended, the most first
   * @param over the time in which they did
   * @param others how many more ended, of names for which there was no room
   * @param applications in the order of their names; those that have nothing and had nothing are
   *     left out, and all where more than 5 000 kinds of tasks are stored, or until ten seconds
   *     have been looked at
   */
  public record Report(
      List<Pace> tasks, Duration over, long others, List<ApplicationFlow> applications) {}

  /**
   * @param ended those that have ended since it was last asked
   */
  public Paces(Supplier<List<EndedTask>> ended, StoredTasks stored, TimeSource time) {
    this.ended = ended;
    this.stored = stored;
    this.time = time;
  }

  /**
   * Takes in what has happened since the last look.
   *
   * @throws io.taskbroker.application.StoreException if the store does not answer; that sample is
   *     left out then
   */
  public synchronized void look() {
    Moment now = time.now();
    PaceTable table = tableOf(now);
    byNames(ended.get()).forEach(table::add);
    if (flows.isDue(now)) {
      List<TaskCount> counts = counts();
      if (counts == null) {
        flows.forget();
      } else {
        flows.sample(now, counts, endedSince);
      }
      endedSince.clear();
    }
  }

  private PaceTable tableOf(Moment now) {
    while (!spans.isEmpty()
        && spans.getFirst().begun().plus(SPAN.multipliedBy(SPANS)).isBefore(now)) {
      spans.removeFirst();
    }
    if (spans.isEmpty() || spans.getLast().begun().plus(SPAN).isBefore(now)) {
      spans.addLast(new Span(now, new PaceTable(MOST_NAMES)));
    }
    return spans.getLast().table();
  }

  private Map<TaskNames, List<EndedTask>> byNames(List<EndedTask> tasks) {
    Map<TaskNames, List<EndedTask>> byNames = new LinkedHashMap<>();
    for (EndedTask task : tasks) {
      if (!task.activation().isBadRecord()) {
        byNames.computeIfAbsent(TaskNames.of(task.activation()), _ -> new ArrayList<>()).add(task);
        endedSince.merge(task.activation().application(), 1L, Long::sum);
      }
    }
    return byNames;
  }

  /** Null if there are too many. */
  private @Nullable List<TaskCount> counts() {
    List<TaskCount> counts = new ArrayList<>();
    @Nullable TaskNames last = null;
    while (counts.size() < MOST_KINDS) {
      List<TaskCount> piece = stored.counts(last, PIECE);
      counts.addAll(piece);
      if (piece.size() < PIECE) {
        return counts;
      }
      last = piece.getLast().names();
    }
    return null;
  }

  /**
   * Looks, and tells.
   *
   * @param limit most kinds of tasks
   */
  public synchronized Report report(int limit) {
    look();
    Map<TaskNames, PaceTable.Entry> all = new LinkedHashMap<>();
    long others = 0;
    for (Span span : spans) {
      span.table()
          .forEach(
              (names, entry) -> all.computeIfAbsent(names, _ -> new PaceTable.Entry()).add(entry));
      others += span.table().others();
    }
    List<Pace> paces = new ArrayList<>();
    all.forEach((names, entry) -> paces.add(entry.pace(names)));
    paces.sort(Comparator.comparingLong((Pace pace) -> -pace.ended()).thenComparing(Pace::names));
    List<Pace> shown = paces.subList(0, Math.min(limit, paces.size()));
    others += paces.stream().skip(shown.size()).mapToLong(Pace::ended).sum();
    return new Report(
        List.copyOf(shown), time.now().since(spans.getFirst().begun()), others, flows.flows());
  }
}
