package io.taskbroker.inflight;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Payloads that are read together, of which some may be unreadable: in halves, and halves of these,
 * until all that can be is read, and what cannot be is known by itself. Used by one thread.
 */
final class SmallPayloads {
  private final Journal journal;
  private final Map<Long, byte[]> read = new LinkedHashMap<>();
  private final Map<Long, Unread> unreadable = new LinkedHashMap<>();

  SmallPayloads(Journal journal) {
    this.journal = journal;
  }

  /** As {@link Journal#payloads}, but for those that cannot be read. */
  SmallPayloads read(List<Long> keys) {
    if (keys.isEmpty()) {
      return this;
    }
    try {
      read.putAll(journal.payloads(keys));
    } catch (JournalException.Unreadable e) {
      e.reasons().forEach((key, reason) -> unreadable.put(key, new Unread(reason, true)));
      readWithout(keys, e);
    } catch (JournalException.NothingChanged e) {
      if (keys.size() == 1) {
        readAgain(keys.getFirst(), e);
      } else {
        read(keys.subList(0, keys.size() / 2));
        read(keys.subList(keys.size() / 2, keys.size()));
      }
    }
    return this;
  }

  /** What could not be read for a moment is read again at once. */
  private void readAgain(long key, JournalException.NothingChanged failure) {
    try {
      read.putAll(journal.payloads(List.of(key)));
    } catch (JournalException.NothingChanged | JournalException.Unreadable e) {
      e.addSuppressed(failure);
      unreadable.put(key, Unread.of(e));
    }
  }

  private void readWithout(List<Long> keys, JournalException.Unreadable failure) {
    List<Long> others = new ArrayList<>(keys);
    if (!others.removeAll(failure.reasons().keySet())) {
      throw failure; // it names none of those that were asked for
    }
    read(others);
  }

  Map<Long, byte[]> payloads() {
    return read;
  }

  /** Why, for each key whose payload cannot be read. */
  Map<Long, Unread> unreadable() {
    return unreadable;
  }
}
