package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.operator.WorkerSight;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who asks for the rows of the {@link ModelStore}, and has them. */
final class ModelWorkers {
  private final ModelRows rows;
  private final TimeSource time;

  /** The one that asked longest ago is the first. */
  private final LinkedHashMap<String, Calls> calls = new LinkedHashMap<>();

  private record Calls(
      List<ClaimFilter> asksFor, @Nullable Moment asked, @Nullable Moment reported) {
    long lastMs() {
      return Math.max(
          asked == null ? Long.MIN_VALUE : asked.monotonicMs(),
          reported == null ? Long.MIN_VALUE : reported.monotonicMs());
    }
  }

  ModelWorkers(ModelRows rows, TimeSource time) {
    this.rows = rows;
    this.time = time;
  }

  void asks(String worker, List<ClaimFilter> filters) {
    if (worker.isEmpty()) {
      return;
    }
    Calls before = known(worker);
    calls.put(worker, new Calls(filters, time.now(), before == null ? null : before.reported()));
    forgetOne();
  }

  /** This worker says that it has this row. */
  void holds(String worker, ModelRow row) {
    if (worker.isEmpty()) {
      return;
    }
    Calls before = known(worker);
    calls.put(
        worker,
        new Calls(
            before == null ? List.of() : before.asksFor(),
            before == null ? null : before.asked(),
            time.now()));
    row.worker = worker;
    forgetOne();
  }

  /** Takes out what is known of this worker, which is nothing if it was forgotten. */
  private @Nullable Calls known(String worker) {
    Calls before = calls.remove(worker);
    return before == null || isForgotten(worker, before) ? null : before;
  }

  private void forgetOne() {
    if (calls.size() > WorkerSight.MOST) {
      calls.keySet().stream()
          .filter(one -> held(one).isEmpty())
          .findFirst()
          .ifPresent(calls::remove);
    }
  }

  /** Whoever has this row says something of it. */
  void heard(ModelRow row) {
    String worker = isWithWorker(row) ? row.worker : null;
    if (worker != null) {
      calls.computeIfPresent(
          worker, (_, before) -> new Calls(before.asksFor(), before.asked(), time.now()));
    }
  }

  List<WorkerSight> list(@Nullable String after, int limit) {
    return new TreeMap<>(calls)
        .entrySet().stream()
            .filter(one -> after == null || one.getKey().compareTo(after) > 0)
            .filter(one -> !isForgotten(one.getKey(), one.getValue()))
            .limit(limit)
            .map(one -> sight(one.getKey(), one.getValue()))
            .toList();
  }

  private boolean isForgotten(String worker, Calls made) {
    return held(worker).isEmpty()
        && time.now().monotonicMs() - made.lastMs() > WorkerSight.REMEMBERED_MS;
  }

  private WorkerSight sight(String worker, Calls made) {
    Moment asked = made.asked();
    Moment reported = made.reported();
    List<Long> held = held(worker);
    return new WorkerSight(
        worker,
        made.asksFor(),
        asked == null ? 0 : asked.wallMs(),
        reported == null ? 0 : reported.wallMs(),
        held.size(),
        held.stream().mapToLong(Long::longValue).min().orElse(0));
  }

  /** When each row was handed out that it has. */
  private List<Long> held(String worker) {
    return rows.where(row -> worker.equals(row.worker) && isWithWorker(row))
        .map(row -> row.handedOutMs)
        .toList();
  }

  private static boolean isWithWorker(ModelRow row) {
    return row.state instanceof Claimed || row.state instanceof Processing;
  }

  /** A new process knows nobody. */
  void reopen() {
    calls.clear();
  }
}
