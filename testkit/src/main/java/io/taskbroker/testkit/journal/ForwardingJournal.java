package io.taskbroker.testkit.journal;

import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.Sharing;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Another journal, but for those calls that a subclass does in its own way. */
public abstract class ForwardingJournal implements Journal {
  private final Journal journal;

  /**
   * @param journal takes all calls, and is closed with this one
   */
  protected ForwardingJournal(Journal journal) {
    this.journal = journal;
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    journal.load(positions, row);
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    journal.apply(group, durability);
  }

  @Override
  public Map<String, String> orders() {
    return journal.orders();
  }

  @Override
  public TaskPage page(TaskFilter filter, long after, int limit) {
    return journal.page(filter, after, limit);
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return journal.parked(after, limit);
  }

  @Override
  public Optional<Sharing> sharing() {
    return journal.sharing();
  }

  @Override
  public String place() {
    return journal.place();
  }

  @Override
  public long lastGroup() {
    return journal.lastGroup();
  }

  @Override
  public long lastKey() {
    return journal.lastKey();
  }

  @Override
  public boolean isWritten(JournalGroup group) {
    return journal.isWritten(group);
  }

  @Override
  public void sync() {
    journal.sync();
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
  public void tidy() {
    journal.tidy();
  }

  @Override
  public boolean reclaim() {
    return journal.reclaim();
  }

  @Override
  public void rewrite() {
    journal.rewrite();
  }

  @Override
  public StoreSize size() {
    return journal.size();
  }

  @Override
  public void close() {
    journal.close();
  }
}
