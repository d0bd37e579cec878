package io.taskbroker.inflight;

import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A journal of which some rows cannot be read, and others cannot be written. */
final class BadRowJournal extends ForwardingJournal {
  final Set<Long> unreadable = ConcurrentHashMap.newKeySet();

  /** As their rows are damaged, which the journal knows. */
  final Set<Long> damaged = ConcurrentHashMap.newKeySet();

  /** How many further reads fail, of whatever row. */
  final AtomicInteger failingReads = new AtomicInteger();

  /** By the ids of their activations, since rows that come in have no key yet. */
  final Set<String> unwritable = ConcurrentHashMap.newKeySet();

  final Set<Long> undeletable = ConcurrentHashMap.newKeySet();

  /** How the next writes fail, one after the other. */
  final Queue<Extent> failures = new ConcurrentLinkedQueue<>();

  /** Nothing can be read at all. */
  volatile boolean blind;

  BadRowJournal(InMemoryFile file) {
    super(file.open());
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    refuse(keys);
    return super.payloads(keys);
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    refuse(List.of(key));
    return super.largePayload(key);
  }

  private void refuse(Collection<Long> keys) {
    boolean fails = failingReads.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    if (fails || blind || keys.stream().anyMatch(unreadable::contains)) {
      throw new JournalException.NothingChanged("the sector is bad", new IOException());
    }
    Map<Long, String> reasons = new TreeMap<>();
    keys.stream().filter(damaged::contains).forEach(key -> reasons.put(key, "it is damaged"));
    if (!reasons.isEmpty()) {
      throw new JournalException.Unreadable("rows are damaged", new IOException(), reasons);
    }
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    boolean bad =
        group.changes().inserted().stream().anyMatch(this::isUnwritable)
            || group.changes().updated().stream().anyMatch(this::isUnwritable)
            || group.changes().deleted().stream().anyMatch(undeletable::contains);
    if (bad) {
      throw new JournalException.NothingChanged(
          "the row does not fit", new IOException(), Extent.ROWS);
    }
    Extent failure = failures.poll();
    if (failure != null) {
      throw new JournalException.NothingChanged("as commanded", new IOException(), failure);
    }
    super.apply(group, durability);
  }

  private boolean isUnwritable(StoredActivation row) {
    return unwritable.contains(row.activation().id());
  }
}
