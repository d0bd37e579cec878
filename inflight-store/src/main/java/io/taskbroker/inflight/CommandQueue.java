package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the writer: facts before all else, then workers' commands, then one slice of
 * intake, then one piece of upkeep and one of what was cut, so that none of them starves another.
 * Any thread puts; the writer takes.
 */
final class CommandQueue {
  /** Commands of one group: enough to share a commit, few enough to keep its answers prompt. */
  private static final int MAX_GROUP = 512;

  /**
   * What workers' commands may bring together, estimated; a single one may bring more. They arrive
   * in requests of up to 4 MB, which nobody counts any more once they are whole.
   */
  static final long MAX_BROUGHT_BYTES = 32L << 20;

  /** Commands that bring less are bounded well enough by their number. */
  private static final long LIGHT_BYTES = 1_024;

  private final int maxWaiting;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * Raised for the writer, without the lock, so that it does not wake only to wait for the lock.
   */
  private final Signal workOrEnd;

  private final Deque<Command<?>> serving = new ArrayDeque<>();
  private final Deque<IntakeCommand> intake = new ArrayDeque<>();
  private final Deque<Command<?>> upkeep = new ArrayDeque<>();

  /** Commands of which a part is written; each goes on in its turn. */
  private final Deque<Command<?>> underWay = new ArrayDeque<>();

  private final FactLane facts = new FactLane();

  /** By workers' commands that are not answered yet, the light ones apart. */
  private long broughtBytes;

  private boolean writerWaits;
  private @Nullable StoreException ended;

  CommandQueue(int maxWaiting, Threads threads) {
    this.maxWaiting = maxWaiting;
    this.workOrEnd = threads.signal();
  }

  /** What the writer does next; each part may be missing. */
  record Work(
      List<Fact> facts,
      List<Command<?>> serving,
      @Nullable IntakeCommand intake,
      @Nullable Command<?> upkeep,
      @Nullable Command<?> underWay) {}

  // ---------------------------------------------------------------- facts

  /** Keeps these until they are written, however much waits, and also while the queue ends. */
  void tell(List<? extends Fact> happened) {
    boolean tooLate;
    boolean wakes = false;
    lock.lock();
    try {
      tooLate = facts.hasEnded();
      if (!tooLate) {
        happened.forEach(facts::put);
        wakes = isFirstToWake();
      }
    } finally {
      lock.unlock();
    }
    if (wakes) {
      workOrEnd.raise();
    }
    if (tooLate) {
      happened.forEach(fact -> fact.fail(new StoreException.Closed("The store is closed")));
    }
  }

  /** Something could not be written: facts wait until {@link #endRest}. */
  void restFacts() {
    lock.lock();
    try {
      facts.rest();
    } finally {
      lock.unlock();
    }
  }

  /** The engine breaks on this one: it alone waits until {@link #endRest}. */
  void pause(Fact fact) {
    lock.lock();
    try {
      facts.pause(fact);
    } finally {
      lock.unlock();
    }
  }

  /** Facts are tried again, from the next turn on. */
  void endRest() {
    boolean wakes;
    lock.lock();
    try {
      wakes = facts.endRest();
    } finally {
      lock.unlock();
    }
    if (wakes) {
      workOrEnd.raise();
    }
  }

  /**
   * Whether facts wait in this turn because something could not be written. For the writer, which
   * alone changes it: so it is read without the lock, for each command.
   */
  boolean factsRest() {
    return facts.isResting();
  }

  /** Facts of these subjects that are not written yet. */
  List<Fact> open(Collection<? extends Subject> subjects) {
    lock.lock();
    try {
      return facts.open(subjects);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets those of them that are over. */
  void forgetOver(List<Fact> told) {
    lock.lock();
    try {
      facts.forgetOver(told);
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more facts, and gives out those that were not written. */
  List<Fact> endFacts() {
    lock.lock();
    try {
      return facts.end();
    } finally {
      lock.unlock();
    }
  }

  /** The oldest facts, once the queue has ended; waits while they rest. Empty if there are none. */
  List<Fact> takeLastFacts() {
    while (true) {
      lock.lock();
      try {
        if (!facts.restsOn() || facts.isEmpty()) {
          return facts.next();
        }
      } finally {
        lock.unlock();
      }
      workOrEnd.await();
    }
  }

  // ---------------------------------------------------------------- requests

  void serve(Command<?> command) {
    long bytes = command.broughtBytes();
    StoreException refusal = bytes > LIGHT_BYTES ? bring(bytes) : null;
    if (refusal == null && bytes > LIGHT_BYTES) {
      var _ = command.result().whenComplete((_, _) -> takeAway(bytes));
    }
    if (refusal == null) {
      refusal = put(serving, command, maxWaiting);
    }
    if (refusal != null) {
      command.fail(refusal);
    }
  }

  private @Nullable StoreException bring(long bytes) {
    lock.lock();
    try {
      if (broughtBytes > 0 && broughtBytes + bytes > MAX_BROUGHT_BYTES) {
        return new StoreException.Overloaded(
            "Calls with "
                + (broughtBytes >> 20)
                + " MB wait for the store already; try again shortly, or with fewer in one call");
      }
      broughtBytes += bytes;
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void takeAway(long bytes) {
    lock.lock();
    try {
      broughtBytes -= bytes;
    } finally {
      lock.unlock();
    }
  }

  void add(IntakeCommand command) {
    StoreException refusal = put(intake, command, Integer.MAX_VALUE);
    if (refusal != null) {
      command.fail(refusal);
    }
  }

  void upkeep(Command<?> command) {
    StoreException refusal = put(upkeep, command, Integer.MAX_VALUE);
    if (refusal != null) {
      command.fail(refusal);
    }
  }

  /**
   * Puts a command last in its lane.
   *
   * @return why it was refused; null if it was not
   */
  private <C> @Nullable StoreException put(Deque<C> lane, C command, int most) {
    boolean wakes;
    lock.lock();
    try {
      if (ended != null) {
        return ended;
      }
      if (lane.size() >= most) {
        return new StoreException.Overloaded(
            most + " commands wait for the store already; try again shortly");
      }
      lane.add(command);
      wakes = isFirstToWake();
    } finally {
      lock.unlock();
    }
    if (wakes) {
      workOrEnd.raise();
    }
    return null;
  }

  /** Whether the writer waits and has not been woken yet. With the lock held. */
  private boolean isFirstToWake() {
    boolean wakes = writerWaits;
    writerWaits = false;
    return wakes;
  }

  // ---------------------------------------------------------------- the writer's side

  /**
   * Waits for work; null once the queue has ended and no request waits. An intake command stays
   * first, and facts stay until they are over.
   *
   * @param longest after which there may be no work, and it is for the writer to find some; null to
   *     wait for as long as it takes
   */
  @Nullable Work take(@Nullable Duration longest) {
    boolean isOver = false;
    while (true) {
      lock.lock();
      try {
        writerWaits = false;
        List<Fact> happened = facts.next();
        if (isOver || !happened.isEmpty() || waitingRequests() > 0) {
          return gather(happened);
        }
        if (ended != null) {
          return null; // what is left of the facts gets time of its own
        }
        writerWaits = true;
      } finally {
        lock.unlock();
      }
      isOver = !await(longest);
    }
  }

  private boolean await(@Nullable Duration longest) {
    if (longest != null) {
      return workOrEnd.await(longest);
    }
    workOrEnd.await();
    return true;
  }

  /** With the lock held. */
  private Work gather(List<Fact> happened) {
    List<Command<?>> group = new ArrayList<>(Math.min(serving.size(), MAX_GROUP));
    while (group.size() < MAX_GROUP && !serving.isEmpty()) {
      group.add(serving.poll());
    }
    return new Work(happened, group, intake.peek(), upkeep.poll(), underWay.poll());
  }

  private int waitingRequests() {
    return serving.size() + intake.size() + upkeep.size() + underWay.size();
  }

  /** Puts commands first again that were taken, and not begun because the turn had done enough. */
  void putBack(List<? extends Command<?>> notBegun) {
    lock.lock();
    try {
      for (Command<?> command : notBegun.reversed()) {
        serving.addFirst(command);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * A part of this command is written. It goes on in later turns, also once the queue has ended.
   */
  void goOn(Command<?> command) {
    boolean wakes;
    lock.lock();
    try {
      underWay.add(command);
      wakes = isFirstToWake();
    } finally {
      lock.unlock();
    }
    if (wakes) {
      workOrEnd.raise();
    }
  }

  /** The intake command that stood first is done with. */
  void intakeDone(IntakeCommand command) {
    lock.lock();
    try {
      intake.remove(command);
    } finally {
      lock.unlock();
    }
  }

  /** Takes out the commands of workers that have waited longer than {@code longest}. */
  List<Command<?>> withdrawOverdue(Moment now, Duration longest) {
    List<Command<?>> overdue = new ArrayList<>();
    lock.lock();
    try {
      while (!serving.isEmpty() && serving.peek().queuedAt().plus(longest).isBefore(now)) {
        overdue.add(serving.poll());
      }
    } finally {
      lock.unlock();
    }
    return overdue;
  }

  int waiting() {
    lock.lock();
    try {
      return facts.size() + waitingRequests();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it takes no more. */
  boolean hasEnded() {
    lock.lock();
    try {
      return ended != null;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; what waits is still given to the writer. */
  void end(StoreException reason) {
    lock.lock();
    try {
      if (ended == null) {
        ended = reason;
      }
    } finally {
      lock.unlock();
    }
    workOrEnd.raise();
  }
}
