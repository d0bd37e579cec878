package io.taskbroker.adapters.metrics;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import java.util.EnumMap;
import java.util.Map;

/** The series of handing out work and taking reports. */
final class DispatchCounts {
  /** What became of a report. */
  enum Outcome {
    KNOWN,
    UNKNOWN,
    FAILED
  }

  private final Histogram got;
  private final Histogram fetched;
  private final ByTag<ByTag<Histogram>> waited;
  private final Counter failures;
  private final Histogram concluded;
  private final Counter updates;
  private final Histogram batches;
  private final Histogram groups;
  private final Histogram retries;
  private final Map<Conclusion, OfConclusion> byConclusion = new EnumMap<>(Conclusion.class);

  /** Counters that exist only once there is something to count. */
  private record OfConclusion(
      Map<Outcome, Counter> alone,
      Counter skipped,
      Histogram size,
      Histogram difference,
      Histogram partial) {}

  DispatchCounts(Meters meters) {
    got = meters.histogram("grpc_server.get_task.duration", Unit.SECONDS);
    fetched = meters.histogram("grpc_server.fetch_next.duration", Unit.SECONDS);
    waited =
        meters.byTwo(
            namespace ->
                task ->
                    meters.coarse(
                        "grpc_server.received_to_gettask.latency",
                        Unit.MILLISECONDS,
                        "namespace",
                        namespace,
                        "taskname",
                        task));
    failures = meters.counter("grpc_server.set_status.failure");
    concluded = meters.histogram("grpc_server.set_status.duration", Unit.SECONDS);
    String batch = "grpc_server.set_batch_activation_status.";
    updates = meters.counter(batch + "total_updates_received");
    batches = meters.histogram(batch + "duration", Unit.SECONDS);
    groups = meters.histogram(batch + "num_batches", Unit.COUNT);
    retries = meters.histogram(batch + "retry_updates", Unit.COUNT);
    for (Conclusion conclusion : Conclusion.values()) {
      String status = nameOf(conclusion);
      Map<Outcome, Counter> alone = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        alone.put(outcome, setStatus(meters, nameOf(outcome), status));
      }
      byConclusion.put(
          conclusion,
          new OfConclusion(
              alone,
              setStatus(meters, "skipped_in_batch", status),
              meters.histogram(batch + "batch_size", Unit.COUNT, "status", status),
              meters.histogram(batch + "affected_diff", Unit.COUNT, "status", status),
              meters.histogram(batch + "partial", Unit.COUNT, "status", status)));
    }
  }

  private static Counter setStatus(Meters meters, String result, String status) {
    return meters.counter("grpc_server.set_status", "result", result, "status", status);
  }

  private static String nameOf(Outcome outcome) {
    return switch (outcome) {
      case KNOWN -> "ok";
      case UNKNOWN -> "not_found";
      case FAILED -> "error";
    };
  }

  static String nameOf(Conclusion conclusion) {
    return switch (conclusion) {
      case COMPLETE -> "Complete";
      case FAILURE -> "Failure";
      case RETRY -> "Retry";
    };
  }

  private OfConclusion of(Conclusion conclusion) {
    OfConclusion counts = byConclusion.get(conclusion);
    if (counts == null) {
      throw new IllegalArgumentException("no conclusion " + conclusion);
    }
    return counts;
  }

  private void count(Conclusion conclusion, Outcome outcome, int reports) {
    Counter counter = of(conclusion).alone().get(outcome);
    if (counter != null) {
      counter.add(reports);
    }
  }

  /** A worker that asked got a task, after this time. */
  void got(long nanos) {
    got.recordNanos(nanos);
  }

  /** A worker that reported also asked, and was answered, with a task or without. */
  void fetched(long nanos) {
    fetched.recordNanos(nanos);
  }

  /**
   * A task went to a worker that asked.
   *
   * @param waitedMs since it was due
   */
  void handedOut(Claim claim, long waitedMs) {
    if (claim.attempts() == 0 && waitedMs > 0) {
      Activation activation = claim.activation();
      waited.of(activation.namespace()).of(activation.taskname()).record(waitedMs);
    }
  }

  /** A worker has reported, alone or in a batch. */
  void reported(Conclusion conclusion) {
    if (conclusion == Conclusion.FAILURE) {
      failures.one();
    }
  }

  /** A report that came alone has been dealt with. */
  void concluded(Conclusion conclusion, Outcome outcome, long nanos) {
    count(conclusion, outcome, 1);
    concluded.recordNanos(nanos);
  }

  /** A worker has told the outcome of an attempt that it named. */
  void told(Conclusion conclusion, boolean known) {
    reported(conclusion);
    count(conclusion, known ? Outcome.KNOWN : Outcome.UNKNOWN, 1);
  }

  /** A batch of reports came in. */
  void batchReceived(int reports) {
    updates.add(reports);
  }

  /**
   * The reports of a batch that have this conclusion were written. Retries are counted one by one,
   * as the reference handles them.
   *
   * @param known how many of them were of tasks that the store knows
   */
  void batchWritten(Conclusion conclusion, int reports, int known) {
    count(conclusion, Outcome.KNOWN, known);
    OfConclusion counts = of(conclusion);
    int unknown = reports - known;
    switch (conclusion) {
      case RETRY -> {
        count(conclusion, Outcome.UNKNOWN, unknown);
        retries.record(reports);
      }
      case COMPLETE, FAILURE -> {
        counts.skipped().add(unknown);
        counts.size().record(reports);
        counts.difference().record(unknown);
        if (unknown > 0) {
          counts.partial().record(unknown);
        }
        groups.record(conclusion == Conclusion.FAILURE ? 1 : 0);
      }
    }
  }

  /** A batch could not be written; it had this number of reports with this conclusion. */
  void batchFailed(Conclusion conclusion, int reports) {
    count(conclusion, Outcome.FAILED, reports);
  }

  /** A batch has been dealt with. */
  void batchEnded(long nanos) {
    batches.recordNanos(nanos);
  }
}
