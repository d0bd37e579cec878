package io.taskbroker.testkit.journal;

import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link InMemoryJournal} writes to. It outlives the journal, as a file outlives a process,
 * and can be made to forget what a power cut would take away. Safe for all threads.
 */
public final class InMemoryFile {
  private JournalImage current = new JournalImage();

  /** As of the last group that had to survive a power cut. */
  private final JournalImage durable = new JournalImage();

  /** The groups since then, in order. */
  private final List<JournalGroup> undurable = new ArrayList<>();

  /** The journal that has the file open; any other one belongs to a process that is gone. */
  private @Nullable InMemoryJournal holder;

  /**
   * Opens a journal over this file.
   *
   * @throws IllegalStateException if another one is still open
   */
  public synchronized InMemoryJournal open() {
    if (holder != null) {
      throw new IllegalStateException("the file is held by another journal of this process");
    }
    InMemoryJournal journal = new InMemoryJournal(this);
    holder = journal;
    return journal;
  }

  /**
   * Loses power: of the groups that did not have to survive it, only the first ones do.
   *
   * @param survivors how many of them survive; those beyond are forgotten
   */
  public synchronized void cutPower(int survivors) {
    holder = null;
    undurable.subList(Math.min(survivors, undurable.size()), undurable.size()).clear();
    undurable.forEach(durable::apply);
    undurable.clear();
    current = durable.copy();
  }

  /** How many groups a power cut may take away at this moment. */
  public synchronized int undurableGroups() {
    return undurable.size();
  }

  /** The rows as the next process would find them, in the order of their keys. */
  public synchronized List<StoredActivation> rows() {
    return List.copyOf(current.rows.values());
  }

  /** The rows that a power cut at this moment leaves, if it takes away all that it can. */
  public synchronized List<StoredActivation> durableRows() {
    return List.copyOf(durable.rows.values());
  }

  synchronized void apply(InMemoryJournal by, JournalGroup group, Durability durability) {
    requireHolder(by);
    current.apply(group);
    undurable.add(group);
    if (durability == Durability.POWER_CUT) {
      sync(by);
    }
  }

  synchronized void sync(InMemoryJournal by) {
    requireHolder(by);
    undurable.forEach(durable::apply);
    undurable.clear();
  }

  synchronized JournalImage image(InMemoryJournal by) {
    requireHolder(by);
    return current.copy();
  }

  synchronized TaskPage page(InMemoryJournal by, TaskFilter filter, long after, int limit) {
    requireHolder(by);
    return current.page(filter, after, limit);
  }

  synchronized TaskPage parked(InMemoryJournal by, long after, int limit) {
    requireHolder(by);
    return current.parked(after, limit);
  }

  synchronized long lastGroup(InMemoryJournal by) {
    requireHolder(by);
    return current.lastGroup;
  }

  synchronized Optional<byte[]> payload(InMemoryJournal by, long key) {
    requireHolder(by);
    return Optional.ofNullable(current.payloads.get(key));
  }

  synchronized long payloadBytes() {
    return current.payloadBytes();
  }

  synchronized void release(InMemoryJournal by) {
    if (by.equals(holder)) {
      holder = null;
    }
  }

  private void requireHolder(InMemoryJournal by) {
    if (!by.equals(holder)) {
      throw new IllegalStateException("the journal is closed");
    }
  }
}
