package io.taskbroker.application.push;

import io.taskbroker.application.Backoff;
import io.taskbroker.application.push.WorkerGateway.Health;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one connection: what is under way on it, until when it pauses, and whether it is
 * in doubt.
 *
 * <p>A connection is in doubt after a push of unknown end: behind it a worker may have died, or
 * hang. It rests; then its health service is asked. Until that says SERVING, or an at-least-once
 * push is accepted, it takes no at-most-once task. A connection that comes out of doubt takes one
 * push at first.
 *
 * <p>Pure: time is handed in. For one thread at a time.
 */
final class ConnectionState {
  /** A busy worker frees a place within the time of a task, which may be short. */
  private static final Duration FIRST_BUSY_PAUSE = Duration.ofMillis(5);

  private static final Duration LONGEST_BUSY_PAUSE = Duration.ofMillis(80);

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  /** Without an answer for so long, a push holds the place of no other: {@link #isSlow}. */
  static final Duration SLOW = Duration.ofSeconds(1);

  /** Of the payloads under way on one connection; a single one may be larger. */
  static final long MOST_BYTES = 16 * 1024 * 1024;

  private enum Doubt {
    /** Every task may be sent. */
    NONE,
    /** The health service is to be asked; until then nothing is sent. */
    UNASKED,
    /** The health service is being asked. */
    ASKING,
    /** There is no health service: an at-least-once task has to find out. */
    NO_WORD
  }

  private final WorkerConnection connection;
  private final Backoff whileBusy = new Backoff(FIRST_BUSY_PAUSE, LONGEST_BUSY_PAUSE);
  private final Backoff whileAway = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF);
  private final LinkedHashSet<PushUnderWay> underWay = new LinkedHashSet<>();
  private long bytes;

  private Moment resumeAt = new Moment(0, Long.MIN_VALUE);

  /** The pause is due to workers that are away, not to busy ones. */
  private boolean away;

  private Doubt doubt = Doubt.NONE;

  /** Counts the times that it came to be in doubt. */
  private int doubts;

  /** It came out of doubt, and no push has been accepted since. */
  private boolean onTrial;

  /** A push was accepted since it was in doubt the last time. */
  private boolean proven;

  private boolean gone;
  private boolean named;
  private String reason = "";
  private @Nullable Moment restsSince;
  private long lastUse;

  ConnectionState(WorkerConnection connection) {
    this.connection = connection;
  }

  WorkerConnection connection() {
    return connection;
  }

  // ---------------------------------------------------------------- what it takes

  /** Whether a task may be sent now. */
  boolean takes(boolean atMostOnce, long payloadBytes, Moment now) {
    boolean hasRoom = bytes == 0 || bytes + payloadBytes <= MOST_BYTES;
    boolean isTried = onTrial && underWay.stream().anyMatch(push -> push.doubts() == doubts);
    return hasRoom && !isTried && !now.isBefore(resumeAt) && isOpenTo(atMostOnce);
  }

  /** Whether such tasks may be sent now, or will be as soon as a busy worker has room. */
  boolean hopesFor(boolean atMostOnce, Moment now) {
    return isOpenTo(atMostOnce) && !(away && now.isBefore(resumeAt));
  }

  private boolean isOpenTo(boolean atMostOnce) {
    return !gone && (doubt == Doubt.NONE || (doubt == Doubt.NO_WORD && !atMostOnce));
  }

  /** Its oldest push has had no answer for so long that others are not to wait for it. */
  boolean isSlow(Moment now) {
    return !underWay.isEmpty() && !now.isBefore(underWay.getFirst().since().plus(SLOW));
  }

  int underWay() {
    return underWay.size();
  }

  /** Orders connections by their last use. */
  long lastUse() {
    return lastUse;
  }

  // ---------------------------------------------------------------- what happens to it

  void sends(PushUnderWay push, long use) {
    underWay.add(push);
    bytes += push.bytes();
    lastUse = use;
  }

  void ended(PushUnderWay push) {
    if (underWay.remove(push)) {
      bytes -= push.bytes();
    }
  }

  int doubts() {
    return doubts;
  }

  /** A worker has accepted a push. */
  void accepted(boolean atMostOnce) {
    whileBusy.reset();
    whileAway.reset();
    onTrial = false;
    proven = true;
    if (!atMostOnce) {
      doubt = Doubt.NONE;
      away = false;
    }
  }

  /** A worker has no room. */
  void busy(Moment now) {
    whileAway.reset();
    if (!now.isBefore(resumeAt)) {
      resumeAt = now.plus(whileBusy.next());
      away = false;
    }
  }

  /** A push was certainly not taken. */
  void refused(String why, Moment now) {
    reason = why;
    pause(now);
  }

  /**
   * A push ended and nobody knows how. One that was sent before the connection was in doubt the
   * last time tells nothing new.
   *
   * @return whether it was accepting pushes before: then the fault may be the task's
   */
  boolean unknown(PushUnderWay push, String why, Moment now) {
    boolean accepting = proven;
    if (push.doubts() == doubts) {
      reason = why;
      doubts++;
      doubt = Doubt.UNASKED;
      onTrial = true;
      proven = false;
      pause(now);
    }
    return accepting;
  }

  /** It rests for longer and longer. What begins during a pause does not make it longer. */
  private void pause(Moment now) {
    if (!now.isBefore(resumeAt) || !away) {
      resumeAt = now.plus(whileAway.next());
      away = true;
    }
  }

  // ---------------------------------------------------------------- its health

  /** Whether its health service is to be asked now; it counts as asked then. */
  boolean asksHealth(Moment now) {
    boolean asks = doubt == Doubt.UNASKED && !gone && !now.isBefore(resumeAt);
    if (asks) {
      doubt = Doubt.ASKING;
    }
    return asks;
  }

  void health(Health health, Moment now) {
    if (doubt != Doubt.ASKING) {
      return; // a push has told meanwhile
    }
    switch (health) {
      case SERVING -> doubt = Doubt.NONE;
      case NO_SERVICE -> doubt = Doubt.NO_WORD;
      case NOT_SERVING -> {
        reason = "its health service says NOT_SERVING";
        asksAgain(now);
      }
      case SILENT -> asksAgain(now);
    }
  }

  private void asksAgain(Moment now) {
    doubt = Doubt.UNASKED;
    pause(now);
  }

  // ---------------------------------------------------------------- what is said of it

  /**
   * Its address is not among the workers' any more: it takes nothing, and what is under way ends.
   */
  void leave() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  /** Why it rests. */
  String reason() {
    return reason;
  }

  /** A push failed. The first such moment since a worker answered counts. */
  void restsSince(Moment now) {
    if (restsSince == null) {
      restsSince = now;
    }
  }

  /** A worker has answered. */
  void works() {
    restsSince = null;
  }

  /** No worker has answered since a push failed. */
  boolean isAtRest() {
    return restsSince != null;
  }

  boolean hasRestedFor(Duration span, Moment now) {
    return restsSince != null && !now.isBefore(restsSince.plus(span));
  }

  /** Whether a line says that it rests. */
  boolean isNamed() {
    return named;
  }

  void named(boolean said) {
    named = said;
  }
}
