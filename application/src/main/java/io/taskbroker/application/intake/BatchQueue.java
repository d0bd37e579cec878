package io.taskbroker.application.intake;

import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Batches on their way from the reader of a topic to the thread that stores them, the assignment
 * that they belong to, and the positions of what is stored.
 *
 * <p>What the two threads share is under one lock, which is never held while the store works, nor
 * while one of the threads waits.
 */
final class BatchQueue {
  /** Records that leave nothing to store cost memory, too, so they are counted with the others. */
  private static final int MOST_RECORDS = 10_000;

  private final IntakeSettings settings;
  private final Threads threads;

  /** Raised for the storing thread: there is a batch, or an epoch has ended. */
  private final Signal toStore;

  /** Raised for the reader: a batch is done with. */
  private final Signal done;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Batch> closed = new ArrayDeque<>();
  private final Map<Partition, Long> handled = new LinkedHashMap<>();

  /** What has come of each partition of the epoch, as {@link #progress} tells it. */
  private final Map<Partition, Long> read = new LinkedHashMap<>();

  /** What is committed of each partition of the epoch. */
  private final Map<Partition, Long> committed = new LinkedHashMap<>();

  private Batch open = new Batch();
  private AssignmentEpoch epoch = new AssignmentEpoch();
  private boolean storing;
  private boolean ending;

  /** A batch to be stored, and the assignment in which it was read. */
  record ReadBatch(Batch batch, AssignmentEpoch epoch) {}

  BatchQueue(IntakeSettings settings, Threads threads) {
    this.settings = settings;
    this.threads = threads;
    this.toStore = threads.signal();
    this.done = threads.signal();
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

  /** All records of a partition before this position have come. */
  void pass(Partition partition, long position) {
    lock.lock();
    try {
      open.pass(partition, position);
      read.put(partition, position);
      closeIfFull();
    } finally {
      lock.unlock();
    }
  }

  /** Records of a partition have come, up to this position. */
  void reached(Partition partition, long position) {
    lock.lock();
    try {
      read.put(partition, position);
    } finally {
      lock.unlock();
    }
  }

  /** How far it has come with the partitions of this epoch, by their numbers. */
  Map<Integer, Progress> progress() {
    lock.lock();
    try {
      Map<Integer, Progress> all = new TreeMap<>();
      committed.forEach(
          (partition, position) -> {
            long stored = handled.getOrDefault(partition, position);
            long come = Math.max(stored, read.getOrDefault(partition, stored));
            all.put(partition.number(), new Progress(come, stored, position));
          });
      return all;
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
    toStore.raise();
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
      return Ordered.copyOf(handled);
    } finally {
      lock.unlock();
    }
  }

  void committed(Map<Partition, Long> positions) {
    lock.lock();
    try {
      positions.forEach(
          (partition, position) -> {
            handled.remove(partition, position);
            committed.computeIfPresent(partition, (_, before) -> Math.max(before, position));
          });
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins a new epoch, in which nothing has been handled yet.
   *
   * @param positions where the group stands in each partition of it
   */
  void begin(Map<Partition, Long> positions) {
    lock.lock();
    try {
      dropAll();
      handled.clear();
      read.clear();
      committed.clear();
      committed.putAll(positions);
      epoch = new AssignmentEpoch();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the epoch. Drops queued batches, and waits up to {@code patience} for the batch that is
   * being stored.
   *
   * @return false if that batch was still being stored; it then counts as lost
   */
  boolean end(Duration patience) {
    lock.lock();
    try {
      epoch.end();
      dropAll();
      committed.clear();
    } finally {
      lock.unlock();
    }
    toStore.raise();
    awaitQuiet(patience);
    lock.lock();
    try {
      if (storing) {
        epoch.lose();
      }
      return !storing;
    } finally {
      lock.unlock();
    }
  }

  private void awaitQuiet(Duration patience) {
    long end = threads.nanos() + patience.toNanos();
    for (long left = patience.toNanos(); isStoring() && left > 0; left = end - threads.nanos()) {
      boolean _ = done.await(Duration.ofNanos(left));
    }
  }

  private boolean isStoring() {
    lock.lock();
    try {
      return storing;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the epoch: drops what has not begun, and all positions. */
  void lose() {
    lock.lock();
    try {
      epoch.lose();
      dropAll();
      handled.clear();
      committed.clear();
    } finally {
      lock.unlock();
    }
    toStore.raise();
  }

  private void dropAll() {
    closed.clear();
    open = new Batch();
  }

  /** Ends the epoch for good: from here on there is no batch. */
  void close() {
    lock.lock();
    try {
      ending = true;
      epoch.end();
    } finally {
      lock.unlock();
    }
    toStore.raise();
  }

  // ---------------------------------------------------------------- the storing thread's side

  /** Waits for a batch: a full one, or else what there is. Null once the queue is closed. */
  @Nullable ReadBatch next() {
    while (true) {
      lock.lock();
      try {
        if (ending) {
          return null;
        }
        if (!closed.isEmpty() || !open.isEmpty()) {
          storing = true;
          return new ReadBatch(takeOldest(), epoch);
        }
      } finally {
        lock.unlock();
      }
      toStore.await();
    }
  }

  /** With the lock held. */
  private Batch takeOldest() {
    Batch batch = closed.poll();
    if (batch == null) {
      batch = open;
      open = new Batch();
    }
    return batch;
  }

  /** A part of the batch is stored, and survives a power cut. */
  void stored(ReadBatch read, Batch.Part part) {
    lock.lock();
    try {
      boolean ours = read.epoch() == epoch && !epoch.isLost();
      if (ours) { // a batch that outlived its hand-over says nothing about the next
        handled.putAll(part.positions());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The batch is done with. */
  void done() {
    lock.lock();
    try {
      storing = false;
    } finally {
      lock.unlock();
    }
    done.raise();
  }

  /** Waits for {@code rest}, or until the epoch ends. */
  void pause(AssignmentEpoch epoch, Duration rest) {
    long end = threads.nanos() + rest.toNanos();
    for (long left = rest.toNanos(); !epoch.hasEnded() && left > 0; left = end - threads.nanos()) {
      boolean _ = toStore.await(Duration.ofNanos(left));
    }
  }
}
