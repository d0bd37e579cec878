package io.taskbroker.testkit.store;

import io.taskbroker.application.store.Durability;
import io.taskbroker.application.store.Journal;
import io.taskbroker.application.store.JournalGroup;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.StoredActivation;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A journal in memory that keeps account of its writes and can be stopped before one. */
final class GatedJournal implements Journal {
  /** What was written, and how it was to last. */
  record Write(JournalGroup group, Durability durability) {}

  private final Journal journal;
  private final List<Write> writes = new ArrayList<>();
  private @Nullable CountDownLatch gate;
  private CountDownLatch reached = new CountDownLatch(1);

  GatedJournal(InMemoryFile file) {
    this.journal = file.open();
  }

  /** From here on the next write waits. */
  synchronized void shut() {
    gate = new CountDownLatch(1);
    reached = new CountDownLatch(1);
  }

  /** Waits until a write stands before the gate. */
  void awaitWriter() throws InterruptedException {
    if (!latch().await(10, TimeUnit.SECONDS)) {
      throw new AssertionError("nothing is written");
    }
  }

  private synchronized CountDownLatch latch() {
    return reached;
  }

  synchronized void open() {
    if (gate != null) {
      gate.countDown();
      gate = null;
    }
  }

  synchronized List<Write> writes() {
    return List.copyOf(writes);
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    CountDownLatch shut = current();
    if (shut != null) {
      latch().countDown();
      awaitOpening(shut);
    }
    synchronized (this) {
      writes.add(new Write(group, durability));
    }
    journal.apply(group, durability);
  }

  private synchronized @Nullable CountDownLatch current() {
    return gate;
  }

  private static void awaitOpening(CountDownLatch shut) {
    try {
      if (!shut.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("the gate was never opened");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    journal.load(positions, row);
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    return journal.payloads(keys);
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    return journal.largePayload(key);
  }

  @Override
  public boolean reclaim() {
    return journal.reclaim();
  }

  @Override
  public Size size() {
    return journal.size();
  }

  @Override
  public void close() {
    journal.close();
  }
}
