package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.operator.WorkerSight;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The workers that ask for tasks, and the rows that they have. A row knows its worker, so a change
 * of its state looks nobody up.
 *
 * <p>A worker that has no row is forgotten ten minutes after it called last, or sooner if there are
 * more than {@link WorkerSight#MOST}. What workers said is not taken back with a group; which rows
 * they have is.
 */
final class WorkerTable {
  /** Heap of one worker, its name and what it asks for included. */
  private static final int WORKER_BYTES = 500;

  /** Those that called longest ago, of which each call looks at so many. */
  private static final int LOOKS = 4;

  /** The one that called longest ago is the first; those with rows move on when they are met. */
  private final LinkedHashMap<String, Worker> byCall = new LinkedHashMap<>(16, 0.75f, true);

  /** The same, so that a list of them can be cut. */
  private final NavigableMap<String, Worker> inOrder = new TreeMap<>();

  /** One that asks for tasks. */
  static final class Worker {
    final String name;
    private List<ClaimFilter> asksFor = List.of();
    private long askedMs;
    private long reportedMs;
    private long calledMonotonicMs;
    private boolean isKnown;

    /** Those that it has, the one first that it has had for longest. */
    private final TreeSet<Row> rows = new TreeSet<>(Row.by(row -> row.handedOutMs));

    private Worker(String name) {
      this.name = name;
    }

    private boolean isForgotten(Moment now) {
      return rows.isEmpty() && now.monotonicMs() - calledMonotonicMs > WorkerSight.REMEMBERED_MS;
    }

    private void forget() {
      asksFor = List.of();
      askedMs = 0;
      reportedMs = 0;
    }

    private WorkerSight sight() {
      return new WorkerSight(
          name,
          asksFor,
          askedMs,
          reportedMs,
          rows.size(),
          rows.isEmpty() ? 0 : rows.first().handedOutMs);
    }
  }

  /**
   * This worker asks for tasks.
   *
   * @param name empty if nobody knows who it is
   * @return null if nobody does
   */
  @Nullable Worker asks(String name, List<ClaimFilter> filters, Moment now) {
    Worker worker = calls(name, now);
    if (worker != null) {
      worker.asksFor = filters;
      worker.askedMs = now.wallMs();
    }
    return worker;
  }

  /**
   * This worker says that it has a row.
   *
   * @param name empty if nobody knows who it is
   * @return null if nobody does
   */
  @Nullable Worker holds(String name, Moment now) {
    Worker worker = calls(name, now);
    if (worker != null) {
      worker.reportedMs = now.wallMs();
    }
    return worker;
  }

  private @Nullable Worker calls(String name, Moment now) {
    if (name.isEmpty()) {
      return null;
    }
    Worker worker = byCall.get(name);
    if (worker == null) {
      worker = new Worker(name);
      know(worker);
    } else if (worker.isForgotten(now)) {
      worker.forget();
    }
    worker.calledMonotonicMs = now.monotonicMs();
    forgetSome(now);
    return worker;
  }

  /** Its worker says something of this row. */
  static void heard(Row row, Moment now) {
    Worker worker = row.handedTo;
    if (worker != null && row.isWithWorker()) {
      worker.reportedMs = now.wallMs();
      worker.calledMonotonicMs = now.monotonicMs();
    }
  }

  private void know(Worker worker) {
    worker.isKnown = true;
    byCall.put(worker.name, worker);
    inOrder.put(worker.name, worker);
  }

  private void forgetSome(Moment now) {
    for (int look = 0; look < LOOKS; look++) {
      Iterator<Worker> eldest = byCall.values().iterator();
      Worker worker = eldest.next();
      if (byCall.size() <= WorkerSight.MOST && !worker.isForgotten(now)) {
        return;
      }
      if (worker.rows.isEmpty()) {
        eldest.remove();
        inOrder.remove(worker.name);
        worker.isKnown = false;
      } else {
        var _ = byCall.get(worker.name); // which puts it last
      }
    }
  }

  void add(Row row) {
    Worker worker = row.handedTo;
    if (worker != null && row.isWithWorker()) {
      worker.rows.add(row);
      if (!worker.isKnown && !byCall.containsKey(worker.name)) {
        know(worker); // it was forgotten by the group that is taken back
      }
    }
  }

  void remove(Row row) {
    Worker worker = row.handedTo;
    if (worker != null && row.isWithWorker()) {
      worker.rows.remove(row);
    }
  }

  /**
   * At most {@code limit} workers, in the order of their names.
   *
   * @param after the last name of the piece before; null for the first piece
   */
  List<WorkerSight> sights(@Nullable String after, int limit, Moment now) {
    List<WorkerSight> sights = new ArrayList<>();
    for (Worker worker : (after == null ? inOrder : inOrder.tailMap(after, false)).values()) {
      if (sights.size() == limit) {
        break;
      }
      if (!worker.isForgotten(now)) {
        sights.add(worker.sight());
      }
    }
    return sights;
  }

  /** Estimated heap. */
  long memoryBytes() {
    return (long) byCall.size() * WORKER_BYTES;
  }
}
