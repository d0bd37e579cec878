package io.taskbroker.testkit.broker;

import io.taskbroker.application.store.Durability;
import io.taskbroker.application.store.Journal;
import io.taskbroker.application.store.JournalException;
import io.taskbroker.application.store.JournalGroup;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.StoredActivation;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A journal on a disk that somebody else fills and empties. */
final class CrampedJournal implements Journal {
  /** How much is left on the disk. */
  enum Room {
    ENOUGH,
    FOR_CHANGES_ONLY,
    NONE
  }

  private final Journal journal = new InMemoryFile().open();
  private volatile Room room = Room.ENOUGH;

  void leave(Room left) {
    room = left;
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    boolean fits =
        switch (room) {
          case ENOUGH -> true;
          case FOR_CHANGES_ONLY -> group.changes().inserted().isEmpty();
          case NONE -> false;
        };
    if (!fits) {
      throw new JournalException.NothingChanged(
          "the disk is full. Free some space", new IOException("no space left"));
    }
    journal.apply(group, durability);
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    journal.load(positions, row);
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
