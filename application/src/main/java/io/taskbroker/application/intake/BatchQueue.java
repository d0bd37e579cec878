package io.taskbroker.application.intake;

import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Batches on their way from the reader of a topic to the thread that stores them, the assignment
 * that they belong to, and the positions of what is stored.
 *
 * <p>What the two threads share is under one lock, which is never held while the store works.
 */
final class BatchQueue {
  /**
   * Records of which nothing is stored have no limit of their own, and cost memory all the same.
   */
  private static final int MOST_RECORDS = 10_000;

  private final IntakeSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Batch> closed = new ArrayDeque<>();
  private final Map<Partition, Long> handled = new HashMap<>();
  private Batch open = new Batch();
  private AssignmentEpoch epoch = new AssignmentEpoch();
  private boolean storing;
  private boolean ending;

  /** A batch to be stored, and the assignment in which it was read. */
  record Job(Batch batch, AssignmentEpoch epoch) {}

  BatchQueue(IntakeSettings settings) {
    this.settings = settings;
  }

  // ---------------------------------------------------------------- the reader's side

  void add(SourceRecord record, NewActivation row) {
    lock.lock();
    try {
      open.add(record, row);
      closeIfFull();
    } finally {
      lock.unlock();
    }
  }

  void drop(SourceRecord record) {
    lock.lock();
    try {
      open.drop(record);
      closeIfFull();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more comes of a partition before this position. */
  void pass(Partition partition, long position) {
    lock.lock();
    try {
      open.pass(partition, position);
      closeIfFull();
    } finally {
      lock.unlock();
    }
  }

  /** With the lock held. */
  private void closeIfFull() {
    if (open.rows() >= settings.batchRows()
        || open.bytes() >= settings.batchBytes()
        || open.records() >= MOST_RECORDS) {
      closed.add(open);
      open = new Batch();
    }
  }

  /** Lets an idle storing thread have what has been added. */
  void handOver() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean hasRoom() {
    lock.lock();
    try {
      return closed.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Positions before which everything is handled; only what has not been committed. */
  Map<Partition, Long> committable() {
    lock.lock();
    try {
      return Map.copyOf(handled);
    } finally {
      lock.unlock();
    }
  }

  void committed(Map<Partition, Long> positions) {
    lock.lock();
    try {
      positions.forEach((partition, position) -> handled.remove(partition, position));
    } finally {
      lock.unlock();
    }
  }

  /** Begins a new epoch, in which nothing has been handled yet. */
  void begin() {
    lock.lock();
    try {
      dropAll();
      handled.clear();
      epoch = new AssignmentEpoch();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the epoch: drops what has not begun, and waits so long for what has.
   *
   * @return whether that has ended; if not, it is lost
   */
  boolean end(Duration patience) {
    lock.lock();
    try {
      epoch.end();
      dropAll();
      changed.signalAll();
      awaitQuiet(patience);
      if (storing) {
        epoch.lose();
      }
      return !storing;
    } finally {
      lock.unlock();
    }
  }

  private void awaitQuiet(Duration patience) {
    try {
      long leftNanos = patience.toNanos();
      while (storing && leftNanos > 0) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the epoch: drops what has not begun, and all positions. */
  void lose() {
    lock.lock();
    try {
      epoch.lose();
      dropAll();
      handled.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void dropAll() {
    closed.clear();
    open = new Batch();
  }

  /** Ends the epoch for good: from here on there is no job. */
  void close() {
    lock.lock();
    try {
      ending = true;
      epoch.end();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---------------------------------------------------------------- the storing thread's side

  /** Waits for a batch: a full one, or else what there is. Null once the queue is closed. */
  @Nullable Job next() throws InterruptedException {
    lock.lock();
    try {
      while (!ending && closed.isEmpty() && open.isEmpty()) {
        changed.await();
      }
      if (ending) {
        return null;
      }
      Batch batch = closed.poll();
      if (batch == null) {
        batch = open;
        open = new Batch();
      }
      storing = true;
      return new Job(batch, epoch);
    } finally {
      lock.unlock();
    }
  }

  /** A part of the job is stored, and survives a power cut. */
  void stored(Job job, Batch.Part part) {
    lock.lock();
    try {
      boolean ours = job.epoch() == epoch && !epoch.isLost();
      if (ours) { // a batch that outlived its hand-over says nothing about the next
        handled.putAll(part.positions());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The job is done with. */
  void done() {
    lock.lock();
    try {
      storing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits so long, or until the epoch ends. */
  void pause(AssignmentEpoch epoch, Duration rest) throws InterruptedException {
    lock.lock();
    try {
      long leftNanos = rest.toNanos();
      while (!epoch.hasEnded() && leftNanos > TimeUnit.MICROSECONDS.toNanos(10)) {
        leftNanos = changed.awaitNanos(leftNanos);
      }
    } finally {
      lock.unlock();
    }
  }
}
