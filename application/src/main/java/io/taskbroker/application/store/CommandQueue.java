package io.taskbroker.application.store;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the writer: workers' commands first, then one slice of intake, then one piece of
 * upkeep, so that none of them starves another. Any thread puts; the writer takes.
 */
final class CommandQueue {
  /** Commands of one group: enough to share a commit, few enough to keep its answers prompt. */
  private static final int MAX_GROUP = 512;

  private final int maxWaiting;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition workOrEnd = lock.newCondition();
  private final Deque<Command<?>> serving = new ArrayDeque<>();
  private final Deque<IntakeCommand> intake = new ArrayDeque<>();
  private final Deque<Command<?>> upkeep = new ArrayDeque<>();
  private boolean writerWaits;
  private @Nullable StoreException ended;

  CommandQueue(int maxWaiting) {
    this.maxWaiting = maxWaiting;
  }

  /** What the writer does next; each part may be missing. */
  record Work(
      List<Command<?>> serving, @Nullable IntakeCommand intake, @Nullable Command<?> upkeep) {}

  void serve(Command<?> command) {
    StoreException refusal = null;
    lock.lock();
    try {
      if (ended != null) {
        refusal = ended;
      } else if (serving.size() >= maxWaiting) {
        refusal =
            new StoreException.Overloaded(
                maxWaiting + " commands wait for the store already; try again shortly");
      } else {
        serving.add(command);
        wake();
      }
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      command.fail(refusal);
    }
  }

  void add(IntakeCommand command) {
    StoreException refusal;
    lock.lock();
    try {
      refusal = ended;
      if (refusal == null) {
        intake.add(command);
        wake();
      }
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      command.fail(refusal);
    }
  }

  void upkeep(Command<?> command) {
    StoreException refusal;
    lock.lock();
    try {
      refusal = ended;
      if (refusal == null) {
        upkeep.add(command);
        wake();
      }
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      command.fail(refusal);
    }
  }

  private void wake() {
    if (writerWaits) {
      workOrEnd.signal();
    }
  }

  /** Waits for work; null once the queue has ended and is empty. An intake command stays first. */
  @Nullable Work take() {
    lock.lock();
    try {
      while (serving.isEmpty() && intake.isEmpty() && upkeep.isEmpty()) {
        if (ended != null) {
          return null;
        }
        writerWaits = true;
        workOrEnd.awaitUninterruptibly();
        writerWaits = false;
      }
      List<Command<?>> group = new ArrayList<>(Math.min(serving.size(), MAX_GROUP));
      while (group.size() < MAX_GROUP && !serving.isEmpty()) {
        group.add(serving.poll());
      }
      return new Work(group, intake.peek(), upkeep.poll());
    } finally {
      lock.unlock();
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

  /** Commands of workers that have waited longer than {@code longest}, taken out. */
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
      return serving.size() + intake.size() + upkeep.size();
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
      workOrEnd.signal();
    } finally {
      lock.unlock();
    }
  }
}
