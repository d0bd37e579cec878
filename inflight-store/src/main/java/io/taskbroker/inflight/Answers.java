package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Answers commands whose group is written. What runs here is others' work, so each caller that
 * breaks fails alone, and what nobody took goes back. Safe for the writer's thread and that of the
 * large payloads.
 */
final class Answers {
  /** Well below the grace that a deadline has. */
  private static final Duration LATE = Duration.ofSeconds(1);

  private final CommandQueue queue;
  private final TimeSource time;
  private final Waits waits;
  private final Messenger messenger;
  private final Defects broken;
  private final Defects unanswered;

  /**
   * @param messenger told of claims that have reached nobody, and whose rows are not here any more
   */
  Answers(CommandQueue queue, TimeSource time, Waits waits, Messenger messenger) {
    this.queue = queue;
    this.time = time;
    this.waits = waits;
    this.messenger = messenger;
    this.broken =
        new Defects("whoever claimed a task broke when it was asked, and gets nothing", time);
    this.unanswered = new Defects("a written command of the store could not be answered", time);
  }

  /**
   * Answers a command with what was claimed for it, or lets it wait if that is nothing.
   *
   * @param payloads by key; a claim without one has been dealt with
   */
  void answer(Command<?> command, Map<Long, byte[]> payloads) {
    if (command.waits(waits, time)) {
      return;
    }
    List<Claim> claims = command.claims();
    if (claims.isEmpty()) {
      complete(command, List.of());
      return;
    }
    List<Delivered> delivered = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      byte[] payload = payloads.get(claim.key());
      if (payload != null && isTaken(command, claim)) {
        delivered.add(new Delivered(claim, payload));
      }
    }
    complete(command, delivered);
  }

  /**
   * Asks whoever the claim is for. One that declines or breaks gets nothing; the claim goes back.
   */
  boolean isTaken(Command<?> command, Claim claim) {
    boolean taken = false;
    try {
      taken = command.accepts(claim);
    } catch (RuntimeException e) {
      broken.accept(e);
    }
    if (!taken) {
      takeBack(claim);
    }
    return taken;
  }

  /**
   * Gives workers their time anew whose claims took long to be written: their deadlines count from
   * when that began, and some may be over. To be called before they are answered.
   *
   * @param decided when the deadlines began
   */
  void giveTime(List<Claim> claims, Moment decided) {
    if (!claims.isEmpty() && time.now().since(decided).compareTo(LATE) > 0) {
      claims.forEach(this::giveTime);
    }
  }

  private void giveTime(Claim claim) {
    tell(
        new Fact(
            StoreCall.OTHER,
            time.now(),
            Subject.OfRow.of(Subject.Event.HANDED_LATE, claim),
            (engine, now) -> engine.claims().handedLate(claim, now)));
  }

  /** Nobody has seen it; whoever it was for has been answered, or will be. */
  void takeBack(Claim claim) {
    reachedNobody(claim, (engine, now) -> engine.claims().brokeOff(claim, null, now));
  }

  /**
   * Tells that nobody has seen what was claimed.
   *
   * @param decision tells the engine; says whether the claim was still good
   */
  void reachedNobody(Claim claim, BiPredicate<InflightEngine, Moment> decision) {
    Fact undelivered =
        new Fact(
            StoreCall.OTHER,
            time.now(),
            Subject.OfRow.of(Subject.Event.UNDELIVERED, claim),
            decision);
    messenger.orTell(undelivered, claim);
    tell(undelivered);
  }

  void tell(Fact happened) {
    happened.queuedNanos(time.nanos());
    queue.tell(List.of(happened));
  }

  void complete(Command<?> command, List<Delivered> delivered) {
    try {
      command.complete(delivered);
    } catch (RuntimeException e) {
      unanswered.accept(e);
      command.fail(new StoreException.Rejected("The store could not answer this", e));
    }
  }

  /** A written command fails all the same: what was claimed for it goes back. */
  void failWritten(Command<?> command, StoreException failure, Set<Long> unwritten) {
    for (Claim claim : command.claims()) {
      if (!unwritten.contains(claim.key())) {
        takeBack(claim);
      }
    }
    command.fail(failure);
  }
}
