package io.taskbroker.application.push;

import io.taskbroker.application.Sparsely;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the activations of one application to its workers. It has a queue, a limit and a back-off
 * of its own, so that workers which are away or slow hold up nobody else.
 *
 * <p>Everything is asynchronous: {@link #pump} and the completions of store and gateway move it on,
 * and none of them waits.
 */
final class PushLane {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::push");

  private static final Duration LINES = Duration.ofSeconds(10);

  /** Payloads of one claim that are in memory together; a larger one comes alone. */
  private static final long CLAIM_BYTES = 8 << 20;

  private final String application;
  private final PushStore store;
  private final WorkerGateway gateway;
  private final PushSettings settings;
  private final TimeSource time;
  private final Stalls stalls;
  private final PushMetrics metrics;
  private final Sparsely unknownLines;
  private final Sparsely failureLines;
  private final ClaimOutcomes outcomes;
  private final LanePace pace;
  private final Blame blame = new Blame();

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Queued> queue = new ArrayDeque<>();
  private int underWay;
  private boolean claiming;

  /** Since when more is due than there is room for; null if it is not, or nobody knows. */
  private @Nullable Moment fullSince;

  /** The gateway takes no more before one of the pushes under way has ended. */
  private boolean gatewayFull;

  private boolean draining;

  private record Queued(Delivered delivered, Moment since) {}

  PushLane(
      String application,
      PushStore store,
      WorkerGateway gateway,
      PushSettings settings,
      TimeSource time,
      Stalls stalls,
      PushMetrics metrics) {
    this.application = application;
    this.store = store;
    this.gateway = gateway;
    this.settings = settings;
    this.time = time;
    this.stalls = stalls;
    this.metrics = metrics;
    this.unknownLines = new Sparsely(time, LINES);
    this.failureLines = new Sparsely(time, LINES);
    this.outcomes = new ClaimOutcomes(application, store, time, metrics);
    this.pace = new LanePace(time);
  }

  String application() {
    return application;
  }

  /** Claims and pushes as much as the limits allow now. */
  void pump() {
    List<Delivered> toSend = new ArrayList<>();
    int toClaim = 0;
    lock.lock();
    try {
      if (pace.isPaused() || (gatewayFull && underWay > 0)) {
        return;
      }
      while (underWay < settings.concurrency() && !queue.isEmpty()) {
        Queued next = queue.remove();
        metrics.dequeued(since(next.since(), time.now()));
        toSend.add(next.delivered());
        underWay++;
      }
      if (!toSend.isEmpty()) {
        metrics.queued(application, queue.size());
      }
      if (!claiming && !draining && store.hasPending()) {
        toClaim = Math.min(room(), settings.claimBatch());
        claiming = toClaim > 0;
        if (!claiming && fullSince == null) {
          fullSince = time.now();
        }
      }
    } finally {
      lock.unlock();
    }
    toSend.forEach(this::send);
    if (toClaim > 0) {
      claim(toClaim);
    }
  }

  /** With the lock held. */
  private int room() {
    return settings.concurrency() + settings.queueSize() - underWay - queue.size();
  }

  private void claim(int limit) {
    Moment before = time.now();
    store
        .claimForPush(application, limit, CLAIM_BYTES, settings.lease())
        .whenComplete((claimed, failure) -> claimed(claimed, failure, before));
  }

  private void claimed(List<Delivered> claimed, Throwable failure, Moment before) {
    Moment now = time.now();
    PushMetrics.Offer offer;
    Duration full;
    lock.lock();
    try {
      offer = offer(); // things may have changed since it was asked for
      // What is declined is still in our hands, until it is on its way back.
      claiming = failure == null && offer != PushMetrics.Offer.QUEUED;
      full = fullSince == null ? Duration.ZERO : since(fullSince, before);
      fullSince = null;
      if (failure == null && offer == PushMetrics.Offer.QUEUED) {
        claimed.forEach(one -> queue.add(new Queued(one, before)));
        metrics.queued(application, queue.size());
      }
    } finally {
      lock.unlock();
    }
    if (failure != null) {
      metrics.claimFailed();
      pace.storeFailed();
      LOG.warn("Nothing could be claimed for application '{}'", application, failure);
      return;
    }
    metrics.claimed(claimed.size(), since(before, now));
    for (Delivered one : claimed) {
      metrics.claimed(one.claim(), waited(one.claim(), now));
    }
    if (!claimed.isEmpty()) {
      metrics.offered(offer, claimed.size(), full);
    }
    if (offer != PushMetrics.Offer.QUEUED) {
      takeBack(claimed);
      claimEnds();
    } else if (!claimed.isEmpty()) {
      pump();
    }
  }

  private void claimEnds() {
    lock.lock();
    try {
      claiming = false;
    } finally {
      lock.unlock();
    }
  }

  /** What becomes of what is claimed now. With the lock held. */
  private PushMetrics.Offer offer() {
    if (draining) {
      return PushMetrics.Offer.ENDED;
    }
    return pace.isPaused() ? PushMetrics.Offer.PAUSED : PushMetrics.Offer.QUEUED;
  }

  private void send(Delivered delivered) {
    String hopeless = delivered.claim().hopeless();
    if (hopeless != null) {
      outcomes.rejected(delivered, hopeless);
      ended();
      return;
    }
    store
        .sending(delivered.claim())
        .whenComplete(
            (stillGood, failure) -> {
              if (failure != null) {
                notBegun(delivered.claim(), failure);
                return;
              }
              if (!stillGood) {
                ended();
                return;
              }
              Moment before = time.now();
              gateway
                  .push(application, delivered)
                  .whenComplete((answer, _) -> answered(delivered, answer, before));
            });
  }

  /** The store did not hear of it, so nothing was sent. */
  private void notBegun(Claim claim, Throwable failure) {
    LOG.warn(
        "The push of activation {} could not begin; it is taken back",
        claim.activation().id(),
        failure);
    pace.storeFailed();
    outcomes.undone(List.of(claim));
    ended();
  }

  private void answered(Delivered delivered, Answer answer, Moment before) {
    Claim claim = delivered.claim();
    boolean full = answer instanceof Answer.Full;
    if (!full) {
      metrics.pushed(claim, answer, since(before, time.now()));
    }
    lock.lock();
    try {
      gatewayFull = full;
    } finally {
      lock.unlock();
    }
    switch (answer) {
      case Answer.Accepted _ -> {
        reached();
        pace.hasRoom();
        outcomes.accepted(claim);
      }
      case Answer.Busy _ -> {
        reached();
        pace.busy();
        outcomes.undone(List.of(claim));
      }
      case Answer.Full _ -> outcomes.undone(List.of(claim));
      case Answer.Declined(String reason) -> {
        failed(claim, reason);
        outcomes.undone(List.of(claim));
      }
      case Answer.Failed(String reason) -> failed(claim, reason);
      case Answer.Refused(String reason) -> {
        backOff(reason);
        outcomes.undone(List.of(claim));
      }
      case Answer.Unknown(String reason) -> {
        sayUnknown(claim, reason);
        if (blame.isToBlameForSilence(claim.activation().id())) {
          outcomes.failed(claim, reason);
        }
        backOff(reason);
      }
      case Answer.Undeliverable(String reason) -> outcomes.rejected(delivered, reason);
    }
    ended();
  }

  /** A worker's word about one activation, which others may do without. */
  private void failed(Claim claim, String reason) {
    outcomes.failed(claim, reason);
    long failures = failureLines.count(1);
    if (failures > 0) {
      LOG.warn(
          "The workers of application '{}' failed to take activation {} ({}); it is pushed again,"
              + " and goes to the dead-letter topic after store.max_processing_attempts such"
              + " failures ({} of any since the last line)",
          application,
          claim.activation().id(),
          reason,
          failures);
    }
    if (blame.isAlone(claim.activation().id())) {
      pace.away();
    } else {
      backOff(reason);
    }
  }

  private void sayUnknown(Claim claim, String reason) {
    long unknown = unknownLines.count(1);
    if (unknown > 0) {
      LOG.warn(
          "Whether a worker of application '{}' has activation {} is not known ({}); its claim is"
              + " kept until the lease ends ({} such since the last line)",
          application,
          claim.activation().id(),
          reason,
          unknown);
    }
  }

  private void ended() {
    lock.lock();
    try {
      underWay--;
    } finally {
      lock.unlock();
    }
    pump();
  }

  // ---------------------------------------------------------------- pauses

  private String what() {
    return "Pushing to the workers of application '" + application + "'";
  }

  private void reached() {
    pace.reached();
    blame.clear();
    stalls.end(what());
  }

  /** Nothing waits for these workers, so that nobody can say whether they are back. */
  void nothingWaits() {
    boolean idle;
    lock.lock();
    try {
      idle = underWay == 0 && !claiming && queue.isEmpty();
    } finally {
      lock.unlock();
    }
    if (idle) {
      stalls.abandon(what(), "nothing waits for them any more");
    }
  }

  /** What is queued goes back, so that it does not wait out its lease for workers that are away. */
  private void backOff(String reason) {
    pace.away(); // first: what is claimed from here on is not queued any more
    takeBack(emptyQueue());
    stalls.begin(
        what(),
        reason,
        "Its activations wait; see that the workers run, and that worker_map names their address.");
  }

  private List<Delivered> emptyQueue() {
    lock.lock();
    try {
      List<Delivered> all = queue.stream().map(Queued::delivered).toList();
      queue.clear();
      metrics.queued(application, 0);
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** What was claimed, and not sent. */
  private void takeBack(List<Delivered> claimed) {
    if (!claimed.isEmpty()) {
      outcomes.undone(claimed.stream().map(Delivered::claim).toList());
    }
  }

  /**
   * Claims no more, and takes back what is not on its way yet; whether all that was has come to an
   * end.
   */
  boolean drain() {
    List<Delivered> returned;
    boolean done;
    lock.lock();
    try {
      draining = true;
      returned = emptyQueue();
      done = underWay == 0 && !claiming;
    } finally {
      lock.unlock();
    }
    takeBack(returned);
    return done;
  }

  private static Duration since(Moment before, Moment now) {
    return Duration.ofMillis(now.monotonicMs() - before.monotonicMs());
  }

  private static Duration waited(Claim claim, Moment now) {
    return Duration.ofMillis(Math.max(0, Times.minus(now.wallMs(), claim.activation().dueAtMs())));
  }
}
