package io.taskbroker.application.push;

import io.taskbroker.application.Backoff;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.PushEvent.Offer;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.push.WorkerGateway.Health;
import io.taskbroker.application.push.WorkerGateway.Workers;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one application what is claimed, what is sent over which connection, and what an
 * answer means. It does nothing itself: it returns {@link Step}s.
 *
 * <p>Pure: time is handed in. For one thread at a time.
 */
final class LaneState {
  private static final Duration AFTER_STORE_FAILURE = Duration.ofSeconds(1);

  /** Pauses between claims while no connection may have the at-most-once tasks that they bring. */
  private static final Duration FIRST_REST = Duration.ofMillis(100);

  private static final Duration LONGEST_REST = Duration.ofSeconds(1);

  private final PushSettings settings;
  private final LaneQueue queue;
  private final ConnectionTable connections = new ConnectionTable();
  private final LaneWords words = new LaneWords(connections);
  private final Blame blame = new Blame();
  private final Backoff whileWithheld = new Backoff(FIRST_REST, LONGEST_REST);

  private boolean claiming;
  private boolean draining;
  private @Nullable Moment claimsRestUntil;

  /** Since when more is due than there is room for; null if not, or if that is not known. */
  private @Nullable Moment fullSince;

  LaneState(PushSettings settings, ClaimedBytes bytes) {
    this.settings = settings;
    this.queue = new LaneQueue(bytes);
  }

  int queued() {
    return queue.size();
  }

  /** Nothing is claimed, and nothing is being claimed. */
  boolean isIdle() {
    return !claiming && queue.size() == 0 && connections.underWay(_ -> true) == 0;
  }

  /** Whether there are no connections, so that only the store knows whether anything waits. */
  boolean hasNoConnection() {
    return connections.all().isEmpty();
  }

  List<CalledWorker> workers(String application) {
    return connections.workers(application);
  }

  // ---------------------------------------------------------------- what to do next

  /**
   * @param somethingIsDue whether the store may have something to claim
   */
  List<Step> next(Workers workers, boolean somethingIsDue, Moment now) {
    List<Step> steps = new ArrayList<>();
    words.gone(connections.follow(workers), steps);
    for (ConnectionState one : connections.all()) {
      if (one.asksHealth(now)) {
        steps.add(new Step.AskHealth(one));
      }
    }
    send(steps, now);
    giveBack(steps, now);
    if (somethingIsDue) {
      claimMore(steps, now);
    }
    return steps;
  }

  private void send(List<Step> steps, Moment now) {
    boolean onceIsHeldUp = false;
    for (Iterator<LaneQueue.Waiting> each = queue.iterator(); each.hasNext(); ) {
      LaneQueue.Waiting next = each.next();
      boolean once = next.isAtMostOnce();
      if (once && onceIsHeldUp) {
        continue;
      }
      ConnectionState over = connections.pick(once, next.bytes(), settings.concurrency(), now);
      if (over != null) {
        each.remove();
        var push = new PushUnderWay(next.delivered(), over, now);
        connections.sends(push);
        steps.add(new Step.Count(new PushEvent.Dequeued(now.since(next.since()))));
        steps.add(new Step.Send(push));
      } else if (once) {
        onceIsHeldUp = true; // others may still have a connection
      } else {
        return;
      }
    }
  }

  /** Releases claims that no connection may have, so that they do not wait out their leases. */
  private void giveBack(List<Step> steps, Moment now) {
    boolean hopes = connections.hopesFor(false, now);
    if (hopes && connections.hopesFor(true, now)) {
      return;
    }
    List<Claim> back = queue.remove(one -> !hopes || one.isAtMostOnce());
    if (back.isEmpty()) {
      return;
    }
    steps.add(new Step.TakeBack(back));
    if (hopes) {
      claimsRestUntil = now.plus(whileWithheld.next());
      words.onceIsWithheld(steps);
    }
  }

  private void claimMore(List<Step> steps, Moment now) {
    boolean rests = claimsRestUntil != null && now.isBefore(claimsRestUntil);
    if (claiming || draining || rests || !connections.hopesFor(false, now)) {
      return;
    }
    int rows = Math.min(room(now), settings.claimBatch());
    long bytes = rows > 0 ? queue.reserve() : 0;
    if (bytes > 0) {
      claiming = true;
      steps.add(new Step.ClaimMore(rows, bytes));
    } else if (fullSince == null) {
      fullSince = now;
    }
  }

  private int room(Moment now) {
    boolean anyQuick = false;
    for (ConnectionState one : connections.all()) {
      anyQuick |= one.hopesFor(false, now) && !one.isSlow(now);
    }
    int counting = connections.underWay(anyQuick ? one -> !one.isSlow(now) : _ -> true);
    return Math.max(0, settings.concurrency() - counting) + settings.queueSize() - queue.size();
  }

  // ---------------------------------------------------------------- what the store says

  /**
   * @param asked when the claim was asked for
   */
  List<Step> claimed(List<Delivered> rows, Moment asked, Moment now) {
    claiming = false;
    queue.endReservation();
    Duration full = fullSince == null ? Duration.ZERO : asked.since(fullSince);
    fullSince = null;
    Offer offer = offer(now); // things may have changed since it was asked for
    List<Step> steps = new ArrayList<>();
    if (!rows.isEmpty()) {
      steps.add(new Step.Count(new PushEvent.Offered(offer, rows.size(), full)));
    }
    List<Claim> back = new ArrayList<>();
    for (Delivered one : rows) {
      String hopeless = one.claim().hopeless();
      if (hopeless != null) {
        steps.add(new Step.Reject(one, hopeless));
      } else if (offer == Offer.QUEUED) {
        queue.add(one, asked);
      } else {
        back.add(one.claim());
      }
    }
    if (!back.isEmpty()) {
      steps.add(new Step.TakeBack(back));
    }
    return steps;
  }

  private Offer offer(Moment now) {
    if (draining) {
      return Offer.ENDED;
    }
    return connections.hopesFor(false, now) ? Offer.QUEUED : Offer.PAUSED;
  }

  void claimFailed(Moment now) {
    claiming = false;
    queue.endReservation();
    claimsRestUntil = now.plus(AFTER_STORE_FAILURE);
  }

  /** The claim was no longer good: nothing is sent. */
  void notSent(PushUnderWay push) {
    end(push);
  }

  /** The store could not note that the push begins, so nothing is sent. */
  List<Step> notBegun(PushUnderWay push, Moment now) {
    end(push);
    claimsRestUntil = now.plus(AFTER_STORE_FAILURE);
    return List.of(new Step.TakeBack(List.of(push.delivered().claim())));
  }

  private void end(PushUnderWay push) {
    push.over().ended(push);
    queue.ended(push);
  }

  // ---------------------------------------------------------------- what the workers say

  List<Step> answered(PushUnderWay push, Answer answer, Moment now) {
    end(push);
    ConnectionState over = push.over();
    Claim claim = push.delivered().claim();
    List<Step> steps = new ArrayList<>();
    switch (answer) {
      case Answer.Accepted _ -> {
        over.accepted(push.isAtMostOnce());
        steps.add(new Step.Mark(claim));
        reached(over, steps, now);
      }
      case Answer.Busy _ -> {
        over.busy(now);
        steps.add(new Step.TakeBack(List.of(claim)));
        reached(over, steps, now);
      }
      case Answer.Refused(String reason) -> {
        over.refused(reason, now);
        steps.add(new Step.TakeBack(List.of(claim)));
        rests(over, steps, now);
      }
      case Answer.Failed(String reason) -> {
        var _ = over.unknown(push, reason, now);
        steps.add(new Step.CountFailure(claim, reason));
        steps.add(new Word.Failed(claim, over.connection(), reason));
        words.rests(over, now);
        if (!blame.isAlone(claim.activation().id())) {
          standsStill(steps, now);
        }
      }
      case Answer.Unknown(String reason) -> {
        boolean wasAccepting = over.unknown(push, reason, now);
        steps.add(new Word.Unknown(claim, over.connection(), reason));
        if (blame.isToBlameForSilence(claim.activation().id()) && wasAccepting) {
          steps.add(new Step.CountFailure(claim, reason));
        }
        rests(over, steps, now);
      }
      case Answer.Undeliverable(String reason) ->
          steps.add(new Step.Reject(push.delivered(), reason));
    }
    return steps;
  }

  private void reached(ConnectionState over, List<Step> steps, Moment now) {
    blame.clear();
    if (connections.hopesFor(true, now)) {
      whileWithheld.reset();
    }
    words.reached(over, steps, now);
  }

  private void rests(ConnectionState over, List<Step> steps, Moment now) {
    words.rests(over, now);
    standsStill(steps, now);
  }

  private void standsStill(List<Step> steps, Moment now) {
    if (!connections.hopesFor(false, now)) {
      words.standstill(connections.trouble(), steps);
    }
  }

  /** What a connection's health service says. */
  void health(ConnectionState of, Health health, Moment now) {
    of.health(health, now);
  }

  // ---------------------------------------------------------------- words and the end

  /** The store says that something waits for these workers. */
  List<Step> somethingWaits(Moment now) {
    List<Step> steps = new ArrayList<>();
    standsStill(steps, now);
    return steps;
  }

  /** Claims no more, and releases claims that are not on their way yet. */
  List<Step> drain() {
    draining = true;
    List<Claim> back = queue.remove(_ -> true);
    return back.isEmpty() ? List.of() : List.of(new Step.TakeBack(back));
  }
}
