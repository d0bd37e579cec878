package io.taskbroker.inflight;

import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.Times;
import io.taskbroker.inflight.engine.Budget;
import io.taskbroker.inflight.engine.InflightEngine;
import io.taskbroker.inflight.engine.Waiters;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Callers who wait for something to become due. The writer serves them after all else in a turn:
 * what has become due goes to one of them in the same turn. For their sake it also ends delays at
 * their time, and does not leave that to whoever asks next. Used by the writer's thread.
 */
final class Waits {
  /** Of one group: as many as of those who do not wait. */
  private static final int MOST = 512;

  /** How often those are looked for who were woken for one row and found another. */
  private static final int MOST_ROUNDS = 4;

  private static final Moment END_OF_TIME = new Moment(Long.MAX_VALUE, Long.MAX_VALUE);

  private final InflightEngine engine;
  private final Waiters<Waiting<?>> waiters;
  private final int mostWaiting;
  private final IdentityHashMap<Recipient, Waiting<?>> byRecipient = new IdentityHashMap<>();
  private boolean ended;

  /** The latest look at delays; they are cut where there are many. */
  private @Nullable Command<Integer> endingDelays;

  private long delaysRestUntilMs = Long.MIN_VALUE;

  Waits(InflightEngine engine, int mostWaiting) {
    this.engine = engine;
    this.waiters = engine.waiters();
    this.mostWaiting = mostWaiting;
  }

  // ---------------------------------------------------------------- coming and going

  /** Lets this command wait, for which nothing is due. False if it has to be answered. */
  boolean take(Waiting<?> command, Moment now) {
    Moment until = command.recipient().waitsUntil();
    if (ended || until == null || until.monotonicMs() <= now.monotonicMs()) {
      return false;
    }
    Waiters.Place<Waiting<?>> place = command.place();
    if (place != null) {
      waiters.waitOn(place);
    } else if (waiters.size() < mostWaiting) {
      command.place(waiters.wait(command, command.wishes(), until));
    } else {
      return false;
    }
    byRecipient.put(command.recipient(), command);
    return true;
  }

  /** This one has gone: his command, to be answered with nothing; null if he did not wait. */
  @Nullable Waiting<?> leave(Recipient recipient) {
    Waiting<?> command = byRecipient.remove(recipient);
    Waiters.Place<Waiting<?>> place = command == null ? null : command.place();
    return place != null && waiters.leave(place) ? command : null;
  }

  /** Nobody waits from here on; those who did, to be answered. */
  List<Waiting<?>> end() {
    ended = true;
    return released(waiters.over(END_OF_TIME, Integer.MAX_VALUE));
  }

  private List<Waiting<?>> released(List<Waiting<?>> commands) {
    commands.forEach(command -> byRecipient.remove(command.recipient(), command));
    return commands;
  }

  // ---------------------------------------------------------------- serving

  /** Those who have waited long enough, to be answered with nothing; some of them if many. */
  List<Waiting<?>> over(Moment now) {
    return released(waiters.over(now, MOST));
  }

  /** Answers those for whom something is due. */
  void serve(Groups groups, Moment now) {
    if (waiters.size() == 0) {
      return;
    }
    endDelays(groups, now);
    for (int round = 0; round < MOST_ROUNDS && waiters.hasFresh(); round++) {
      List<Waiting<?>> left = released(waiters.woken(MOST));
      while (!left.isEmpty()) {
        left = groups.run(left, now, Budget.of(MOST, Groups.PAYLOAD_BYTES));
      }
    }
  }

  /** If they cannot be written, they are tried again after a pause. */
  private void endDelays(Groups groups, Moment now) {
    if (isEndingDelays() || !engine.isDelayOver(now.wallMs()) || isResting(now)) {
      return;
    }
    Command<Integer> delays =
        new Commands.Repeat(
            StoreCall.OTHER,
            now,
            Integer.MAX_VALUE,
            (_, then, limit) -> engine.sweeps().sweep(Sweep.DELAYS, limit, then));
    endingDelays = delays;
    var _ = groups.run(List.of(delays), now, Groups.budgetOfOne());
    if (delays.result().isCompletedExceptionally()) {
      delaysRestUntilMs = now.plus(OwnedStore.PAUSE).monotonicMs();
    }
  }

  private boolean isEndingDelays() {
    return endingDelays != null && !endingDelays.result().isDone();
  }

  private boolean isResting(Moment now) {
    return now.monotonicMs() < delaysRestUntilMs;
  }

  /**
   * How long the writer may sleep for all of them; null for as long as it likes.
   *
   * @param handsOut false while nothing may be handed out, so that only their end counts
   */
  @Nullable Duration untilNext(Moment now, boolean handsOut) {
    Long end = waiters.nextEndMs();
    if (end == null) {
      return null;
    }
    long leftMs = Times.minus(end, now.monotonicMs());
    return Duration.ofMillis(
        Math.max(0, handsOut ? Math.min(leftMs, untilSomethingIsDueMs(now)) : leftMs));
  }

  private long untilSomethingIsDueMs(Moment now) {
    if (waiters.hasFresh()) {
      return 0;
    }
    Long delay = isEndingDelays() ? null : engine.nextDelayEndMs();
    return delay == null
        ? Long.MAX_VALUE
        : Math.max(
            Times.minus(delay, now.wallMs()), Times.minus(delaysRestUntilMs, now.monotonicMs()));
  }
}
