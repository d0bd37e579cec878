package io.taskbroker.application.push;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the activations of one application to its workers: does what its {@link LaneState}
 * decides. Workers which are away or slow hold up no other application.
 *
 * <p>Everything is asynchronous: {@link #pump} and the completions of store and gateway move it on,
 * and none of them waits. Safe for all threads.
 */
final class PushLane {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::push");

  private final String application;
  private final PushStore store;
  private final WorkerGateway gateway;
  private final PushSettings settings;
  private final TimeSource time;
  private final EventSink<PushEvent> metrics;
  private final PushLines lines;
  private final ClaimOutcomes outcomes;
  private final Sparsely claimLines;
  private final Sparsely beginLines;

  /** Guards everything below. Nothing foreign is called under it. */
  private final ReentrantLock lock = new ReentrantLock();

  private final LaneState state;
  private int performing;
  private int toldQueued;

  PushLane(
      String application,
      PushPorts ports,
      PushStore store,
      TimeSource time,
      PushLines lines,
      ClaimedBytes bytes) {
    this.application = application;
    this.store = store;
    this.gateway = ports.gateway();
    this.settings = ports.settings();
    this.time = time;
    this.metrics = ports.metrics();
    this.lines = lines;
    this.outcomes = new ClaimOutcomes(application, store, time, metrics);
    this.claimLines = new Sparsely(time, Duration.ofMinutes(1));
    this.beginLines = new Sparsely(time, Duration.ofMinutes(1));
    this.state = new LaneState(settings, bytes);
  }

  String application() {
    return application;
  }

  /** The workers that it calls, as it finds them. */
  List<CalledWorker> workers() {
    lock.lock();
    try {
      return state.workers(application);
    } finally {
      lock.unlock();
    }
  }

  /** Claims and pushes as much as the limits allow now. */
  void pump() {
    var workers = gateway.workers(application);
    boolean somethingIsDue = store.hasPending();
    perform(() -> state.next(workers, somethingIsDue, time.now()));
  }

  /** Decides under the lock, then does what was decided. */
  private void perform(Supplier<List<Step>> decision) {
    List<Step> steps;
    int queued;
    lock.lock();
    try {
      steps = decision.get();
      queued = state.queued();
      if (queued == toldQueued) {
        queued = -1;
      } else {
        toldQueued = queued;
      }
      performing++;
    } finally {
      lock.unlock();
    }
    try {
      if (queued >= 0) {
        metrics.count(new PushEvent.Queued(application, queued));
      }
      steps.forEach(this::perform);
    } finally {
      performed();
    }
  }

  private void performed() {
    lock.lock();
    try {
      performing--;
    } finally {
      lock.unlock();
    }
  }

  private void perform(Step step) {
    switch (step) {
      case Step.ClaimMore(int rows, long bytes) -> claim(rows, bytes);
      case Step.Send(PushUnderWay push) -> send(push);
      case Step.AskHealth(ConnectionState of) -> askHealth(of);
      case Step.Mark(Claim claim) -> outcomes.accepted(claim);
      case Step.TakeBack(List<Claim> claims) -> outcomes.undone(claims);
      case Step.CountFailure(Claim claim, String reason) -> outcomes.failed(claim, reason);
      case Step.Reject(Delivered delivered, String reason) -> outcomes.rejected(delivered, reason);
      case Step.Count(PushEvent event) -> metrics.count(event);
      case Word word -> lines.say(word);
    }
  }

  // ---------------------------------------------------------------- claims

  private void claim(int rows, long bytes) {
    Moment before = time.now();
    store
        .claimForPush(application, rows, bytes, settings.lease())
        .whenComplete(
            (claimed, failure) -> {
              if (failure == null) {
                claimed(claimed, before);
              } else {
                claimFailed(failure);
              }
            });
  }

  private void claimed(List<Delivered> rows, Moment asked) {
    Moment now = time.now();
    metrics.count(new PushEvent.Claimed(rows.size(), now.since(asked)));
    for (Delivered one : rows) {
      metrics.count(new PushEvent.ClaimedOne(one.claim(), waited(one.claim(), now)));
    }
    perform(() -> state.claimed(rows, asked, now));
    if (!rows.isEmpty()) {
      pump();
    }
  }

  private void claimFailed(Throwable failure) {
    metrics.count(new PushEvent.ClaimFailed());
    if (failure instanceof StoreException.Unavailable) { // the store has a line of its own
      LOG.debug("Nothing could be claimed for application '{}'", application, failure);
    } else if (claimLines.count(1) > 0) {
      LOG.warn("Nothing could be claimed for application '{}'", application, failure);
    }
    perform(
        () -> {
          state.claimFailed(time.now());
          return List.of();
        });
  }

  // ---------------------------------------------------------------- pushes

  private void send(PushUnderWay push) {
    store
        .sending(push.delivered().claim())
        .whenComplete(
            (stillGood, failure) -> {
              if (failure != null) {
                notBegun(push, failure);
              } else if (stillGood) {
                offer(push);
              } else {
                notSent(push);
              }
            });
  }

  private void offer(PushUnderWay push) {
    Moment before = time.now();
    gateway
        .push(application, push.over().connection(), push.delivered())
        .whenComplete((answer, _) -> answered(push, answer, before));
  }

  private void answered(PushUnderWay push, Answer answer, Moment before) {
    Moment now = time.now();
    metrics.count(new PushEvent.Pushed(push.delivered().claim(), answer, now.since(before)));
    perform(() -> state.answered(push, answer, now));
    pump();
  }

  /** The store could not note that the push begins, so nothing was sent. */
  private void notBegun(PushUnderWay push, Throwable failure) {
    long times = beginLines.count(1);
    if (times > 0) {
      LOG.warn(
          "The push of activation {} could not begin, and it is taken back: {} ({} such pushes since"
              + " the last line)",
          push.delivered().claim().activation().id(),
          failure.toString(),
          times);
    }
    perform(() -> state.notBegun(push, time.now()));
    pump();
  }

  private void notSent(PushUnderWay push) {
    perform(
        () -> {
          state.notSent(push);
          return List.of();
        });
    pump();
  }

  private void askHealth(ConnectionState of) {
    gateway
        .health(application, of.connection())
        .whenComplete(
            (health, _) -> {
              perform(
                  () -> {
                    state.health(of, health, time.now());
                    return List.of();
                  });
              pump();
            });
  }

  // ---------------------------------------------------------------- the lane as a whole

  boolean hasNoConnection() {
    lock.lock();
    try {
      return state.hasNoConnection();
    } finally {
      lock.unlock();
    }
  }

  /** The store says that something waits for these workers. */
  void somethingWaits() {
    perform(() -> state.somethingWaits(time.now()));
  }

  /** Nothing waits for these workers, so nothing will show whether they are back. */
  void nothingWaits() {
    boolean idle;
    lock.lock();
    try {
      idle = state.isIdle();
    } finally {
      lock.unlock();
    }
    if (idle) {
      lines.nothingWaits();
    }
  }

  /**
   * Claims no more, and releases claims that are not on their way yet.
   *
   * @return whether no push is under way any more
   */
  boolean drain() {
    boolean[] done = new boolean[1];
    perform(
        () -> {
          List<Step> steps = state.drain();
          done[0] = state.isIdle() && performing == 0;
          return steps;
        });
    return done[0];
  }

  private static Duration waited(Claim claim, Moment now) {
    return Duration.ofMillis(Math.max(0, Times.minus(now.wallMs(), claim.activation().dueAtMs())));
  }
}
