package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.push.PushEvent;
import io.taskbroker.application.push.PushEvent.Offer;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What bringing work to workers counts. */
final class PushCounts implements EventSink<PushEvent> {
  private final TimeSource time;
  private final Counter fetches;
  private final Histogram fetchTimes;
  private final Histogram claimTimes;
  private final Counter empty;
  private final Counter storeErrors;
  private final Counter claimed;
  private final Histogram batches;
  private final Map<Offer, Counter> offers = new EnumMap<>(Offer.class);
  private final ByTag<ByTag<Histogram>> toClaim;
  private final ByTag<ByTag<Histogram>> toPush;
  private final Counter attempts;
  private final Histogram pushTimes;
  private final Counter pushed;
  private final Counter notPushed;
  private final Counter unknown;
  private final Counter undone;
  private final Counter notUndone;
  private final Counter updateErrors;
  private final Counter marked;
  private final Counter notMarked;
  private final Map<String, Integer> queuedBy = new ConcurrentHashMap<>();
  private final Histogram queueing;
  private final Histogram inQueue;
  private final Histogram marks;
  private final ByTag<Counter> missing;
  private final ByTag<Gauge> waiting;

  PushCounts(Meters meters, TimeSource time) {
    this.time = time;
    fetches = meters.counter("fetch.loop.count");
    fetchTimes = meters.histogram("fetch.loop.duration", Unit.SECONDS);
    claimTimes = meters.histogram("fetch.claim_activations_for_push.duration", Unit.SECONDS);
    empty = meters.counter("fetch.empty");
    storeErrors = meters.counter("fetch.store_error");
    claimed = meters.counter("fetch.claimed");
    batches = meters.histogram("fetch.claim_batch_size", Unit.COUNT);
    for (Offer offer : Offer.values()) {
      offers.put(offer, meters.counter("fetch.submit", "result", tag(offer)));
    }
    toClaim = latency(meters, "push.received_to_claimed.latency", "owned_partition", "true");
    toPush = latency(meters, "push.received_to_push.latency");
    attempts = meters.counter("worker.push_task.attempts");
    pushTimes = meters.histogram("worker.push_task.duration", Unit.SECONDS);
    pushed = meters.counter("worker.push_task", "result", "ok");
    notPushed = meters.counter("worker.push_task", "result", "error");
    unknown = meters.counter("push.unknown");
    undone = meters.counter("push.undo_claim", "result", "ok");
    notUndone = meters.counter("push.undo_claim", "result", "error");
    updateErrors = meters.counter("push.thread.update", "result", "error");
    marked = meters.counter("push.mark_activation_processing", "result", "ok");
    notMarked = meters.counter("push.mark_activation_processing", "result", "not_found");
    meters.sample(this::tellQueued);
    queueing = meters.histogram("push.queue.wait_duration", Unit.SECONDS);
    inQueue = meters.histogram("push.queue.latency", Unit.SECONDS);
    marks = meters.histogram("push.thread.update.duration", Unit.SECONDS);
    missing =
        meters.by(
            application ->
                meters.counter("push.missing_worker_mapping", "application", application));
    waiting =
        meters.by(application -> meters.gauge("push.without_worker", "application", application));
  }

  private static ByTag<ByTag<Histogram>> latency(Meters meters, String name, String... more) {
    return meters.byTwo(
        namespace ->
            task -> {
              String[] tags = {"namespace", namespace, "taskname", task};
              String[] all = new String[tags.length + more.length];
              System.arraycopy(tags, 0, all, 0, tags.length);
              System.arraycopy(more, 0, all, tags.length, more.length);
              return meters.coarse(name, Unit.MILLISECONDS, all);
            });
  }

  @Override
  public void count(PushEvent event) {
    switch (event) {
      case PushEvent.Claimed(int rows, Duration took) -> claimed(rows, took);
      case PushEvent.ClaimedOne(Claim claim, Duration waited) -> record(toClaim, claim, waited);
      case PushEvent.ClaimFailed() -> {
        fetches.one();
        storeErrors.one();
      }
      case PushEvent.Offered(Offer offer, int rows, Duration full) -> offered(offer, rows, full);
      case PushEvent.Queued(String application, int rows) -> queuedBy.put(application, rows);
      case PushEvent.Dequeued(Duration waited) -> inQueue.recordNanos(waited.toNanos());
      case PushEvent.Pushed(Claim claim, Answer answer, Duration took) ->
          pushed(claim, answer, took);
      case PushEvent.Marked(boolean wasClaimed, Duration took) -> {
        marks.recordNanos(took.toNanos());
        (wasClaimed ? marked : notMarked).one();
      }
      case PushEvent.MarkFailed() -> updateErrors.one();
      case PushEvent.Undone(int claims, boolean succeeded) ->
          (succeeded ? undone : notUndone).add(claims);
      case PushEvent.WithoutWorker(Map<String, Integer> rows) -> withoutWorker(rows);
    }
  }

  private void claimed(int rows, Duration took) {
    fetches.one();
    fetchTimes.recordNanos(took.toNanos());
    claimTimes.recordNanos(took.toNanos());
    if (rows == 0) {
      empty.one();
    } else {
      claimed.add(rows);
      batches.record(rows);
    }
  }

  private static void record(ByTag<ByTag<Histogram>> latencies, Claim claim, Duration waited) {
    if (claim.attempts() == 0) {
      Activation activation = claim.activation();
      latencies
          .of(activation.namespace())
          .of(activation.taskname())
          .record(Math.max(0, waited.toMillis()));
    }
  }

  private void pushed(Claim claim, Answer answer, Duration took) {
    attempts.one();
    pushTimes.recordNanos(took.toNanos());
    switch (answer) {
      case Answer.Accepted() -> {
        pushed.one();
        long waitedMs = Times.minus(time.now().wallMs(), claim.activation().dueAtMs());
        record(toPush, claim, Duration.ofMillis(waitedMs));
      }
      case Answer.Unknown _, Answer.Failed _ -> {
        notPushed.one();
        unknown.one();
      }
      case Answer.Busy _, Answer.Refused _, Answer.Undeliverable _ -> notPushed.one();
    }
  }

  private void offered(Offer offer, int rows, Duration full) {
    Counter counter = offers.get(offer);
    if (counter != null) {
      counter.add(rows);
    }
    queueing.recordNanos(full.toNanos());
  }

  /** In the words of the reference, whose offer ends so when its queue has no room for long. */
  private static String tag(Offer offer) {
    return switch (offer) {
      case QUEUED -> "ok";
      case PAUSED -> "timeout";
      case ENDED -> "closed";
    };
  }

  /** Of all applications, and only where any has a queue. */
  private void tellQueued(StatsdSink sink) {
    if (!queuedBy.isEmpty()) {
      int rows = queuedBy.values().stream().mapToInt(Integer::intValue).sum();
      sink.gauge("push.queue.depth", rows, Tags.NONE);
    }
  }

  private void withoutWorker(Map<String, Integer> rows) {
    waiting.forEach(gauge -> gauge.set(0));
    rows.forEach(
        (application, count) -> {
          missing.of(application).add(count);
          waiting.of(application).set(count);
        });
  }
}
