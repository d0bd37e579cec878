package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * What one application has claimed and not sent, in the order of the claims, and the bytes of that
 * and of what is under way. For one thread at a time.
 */
final class LaneQueue {
  /** Of one application's payloads in memory. */
  static final long MOST_BYTES = 32 * 1024 * 1024;

  /** Of the payloads of one claim; the store reads them in one piece. */
  static final long MOST_BYTES_A_CLAIM = 8 * 1024 * 1024;

  /** What an application may claim that has nothing yet, however much others have. */
  static final long ALWAYS = 1024 * 1024;

  /** A claimed activation, and when the claim was asked for. */
  record Waiting(Delivered delivered, Moment since) {
    boolean isAtMostOnce() {
      return delivered.claim().activation().isAtMostOnce();
    }

    long bytes() {
      return delivered.payload().length;
    }
  }

  private final ClaimedBytes all;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long held;
  private long reserved;

  LaneQueue(ClaimedBytes all) {
    this.all = all;
  }

  int size() {
    return waiting.size();
  }

  Iterator<Waiting> iterator() {
    return waiting.iterator();
  }

  /** Reserves memory for a claim; 0 if there is none. */
  long reserve() {
    long wanted = Math.min(MOST_BYTES - held, MOST_BYTES_A_CLAIM);
    reserved = all.reserve(wanted);
    if (reserved == 0 && held == 0) {
      reserved = ALWAYS;
      all.add(ALWAYS);
    }
    return reserved;
  }

  /** The claim is answered: what was reserved for it is free again. */
  void endReservation() {
    all.add(-reserved);
    reserved = 0;
  }

  void add(Delivered delivered, Moment since) {
    waiting.add(new Waiting(delivered, since));
    hold(delivered.payload().length);
  }

  /** Takes those out that are to go back to the store. */
  List<Claim> remove(Predicate<Waiting> which) {
    List<Claim> removed = new ArrayList<>();
    for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
      Waiting one = each.next();
      if (which.test(one)) {
        each.remove();
        hold(-one.bytes());
        removed.add(one.delivered().claim());
      }
    }
    return removed;
  }

  /** A push has ended, so that its payload is not needed any more. */
  void ended(PushUnderWay push) {
    hold(-push.bytes());
  }

  private void hold(long bytes) {
    held += bytes;
    all.add(bytes);
  }
}
