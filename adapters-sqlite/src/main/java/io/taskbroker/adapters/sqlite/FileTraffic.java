package io.taskbroker.adapters.sqlite;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Who may be at the file when: the writer with a group, readers beside it, and the checkpoint
 * thread between two groups. Safe for all threads.
 */
final class FileTraffic {
  /** How long readers may keep the last pass of a checkpoint waiting. Reading 10 MB takes 20 ms. */
  private static final long LONGEST_WAIT_MS = 500;

  /** Fair, or the checkpoint thread would never have it beside a busy writer. */
  private final ReentrantLock groups = new ReentrantLock(true);

  /** Fair, or one reader after the other would keep the checkpoint thread out. */
  private final ReentrantReadWriteLock readers = new ReentrantReadWriteLock(true);

  private final AtomicLong changesBesideTheWriter = new AtomicLong();

  /** Held by whoever uses the writer's connection, or wants no group to be written meanwhile. */
  Lock groups() {
    return groups;
  }

  /** Held by each reader of ours while it reads. */
  Lock reading() {
    return readers.readLock();
  }

  /**
   * Waits for the readers in progress, and lets no other begin: one that reads an old snapshot
   * keeps the log from being copied to its end, and so from being begun anew.
   *
   * @return whether they are out; then {@link #letReadersIn} has to be called
   */
  boolean keepReadersOut() {
    try {
      return readers.writeLock().tryLock(LONGEST_WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void letReadersIn() {
    readers.writeLock().unlock();
  }

  /** Another connection of ours than the writer's has changed the file; {@link #groups} is held. */
  void changedBesideTheWriter() {
    changesBesideTheWriter.incrementAndGet();
  }

  /** How often that was so. */
  long changesBesideTheWriter() {
    return changesBesideTheWriter.get();
  }
}
