package io.taskbroker.testkit.journal;

import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A journal that lasts as long as its {@link InMemoryFile}. */
public final class InMemoryJournal implements Journal {
  private final InMemoryFile file;

  InMemoryJournal(InMemoryFile file) {
    this.file = file;
  }

  /** A journal over a file of its own, which nobody opens again. */
  public static InMemoryJournal create() {
    return new InMemoryFile().open();
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    JournalImage image = file.image(this);
    positions.accept(Ordered.copyOf(image.positions));
    image.rows.values().forEach(row);
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    file.apply(this, group, durability);
  }

  @Override
  public Map<String, String> orders() {
    return file.image(this).orders;
  }

  @Override
  public TaskPage page(TaskFilter filter, long after, int limit) {
    return file.page(this, filter, after, limit);
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return file.parked(this, after, limit);
  }

  @Override
  public long lastGroup() {
    return file.lastGroup(this);
  }

  @Override
  public void sync() {
    file.sync(this);
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    Map<Long, byte[]> payloads = new HashMap<>();
    for (long key : keys) {
      largePayload(key).ifPresent(payload -> payloads.put(key, payload));
    }
    return payloads;
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    return file.payload(this, key);
  }

  @Override
  public boolean reclaim() {
    return false;
  }

  @Override
  public StoreSize size() {
    return new StoreSize(file.payloadBytes(), 0);
  }

  @Override
  public void close() {
    file.release(this);
  }
}
