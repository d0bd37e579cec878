package io.taskbroker.inflight;

import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A journal in memory that keeps account of its writes, and can be stopped before some of them. */
final class GatedJournal extends ForwardingJournal {
  /** What was written, and how it was to last. */
  record Write(JournalGroup group, Durability durability) {}

  final Gate beforeWrites = new Gate();
  final Gate beforeSyncs = new Gate();

  private final List<Write> writes = new ArrayList<>();
  private int syncs;
  private int largeReads;

  GatedJournal(InMemoryFile file) {
    super(file.open());
  }

  /** Where a thread of the store can be made to wait. */
  static final class Gate {
    private @Nullable CountDownLatch shut;
    private CountDownLatch reached = new CountDownLatch(1);

    /** From here on the next one waits. */
    synchronized void shut() {
      shut = new CountDownLatch(1);
      reached = new CountDownLatch(1);
    }

    /** Waits until somebody stands before the gate. */
    void awaitArrival() throws InterruptedException {
      if (!reached().await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody comes");
      }
    }

    synchronized void open() {
      if (shut != null) {
        shut.countDown();
        shut = null;
      }
    }

    void pass() {
      CountDownLatch opening = opening();
      if (opening != null) {
        reached().countDown();
        await(opening);
      }
    }

    private static void await(CountDownLatch opening) {
      try {
        if (!opening.await(60, TimeUnit.SECONDS)) {
          throw new AssertionError("the gate was never opened");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private synchronized @Nullable CountDownLatch opening() {
      return shut;
    }

    private synchronized CountDownLatch reached() {
      return reached;
    }
  }

  synchronized List<Write> writes() {
    return List.copyOf(writes);
  }

  synchronized int syncs() {
    return syncs;
  }

  synchronized int largeReads() {
    return largeReads;
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    beforeWrites.pass();
    synchronized (this) {
      writes.add(new Write(group, durability));
    }
    super.apply(group, durability);
  }

  @Override
  public void sync() {
    beforeSyncs.pass();
    synchronized (this) {
      syncs++;
    }
    super.sync();
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    synchronized (this) {
      largeReads++;
    }
    return super.largePayload(key);
  }
}
