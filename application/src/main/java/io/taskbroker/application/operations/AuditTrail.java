package io.taskbroker.application.operations;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the last orders of operators; the log has all of them. Safe for any number of threads.
 */
final class AuditTrail {
  /** People look at the last ones only. Whoever needs all of them keeps the log. */
  static final int MOST_ENTRIES = 1_000;

  /** Tasks of which it is remembered which orders they were about; enough for 20 of the largest. */
  static final int MOST_TASKS = 20_000;

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::audit");

  private final TimeSource time;
  private final Deque<AuditEntry> entries = new ArrayDeque<>();

  /** Orders that have changed tasks, the newest first. */
  private final Deque<About> about = new ArrayDeque<>();

  /** In all of {@link #about}. */
  private int tasks;

  private record About(AuditEntry entry, Set<Long> keys) {}

  AuditTrail(TimeSource time) {
    this.time = time;
  }

  /**
   * @param changed keys of the tasks to which it was done
   */
  void record(Order by, String order, String result, Collection<Long> changed) {
    AuditEntry entry =
        new AuditEntry(
            time.now().wallMs(),
            oneLine(by.actor()),
            oneLine(order),
            oneLine(by.reason()),
            oneLine(result));
    synchronized (entries) {
      if (entries.size() == MOST_ENTRIES) {
        entries.removeLast();
      }
      entries.addFirst(entry);
      remember(entry, changed);
    }
    LOG.info(
        "{} ordered: {}; because: {}; result: {}",
        entry.actor(),
        entry.order(),
        entry.reason().isEmpty() ? "(not said)" : entry.reason(),
        entry.result());
  }

  private void remember(AuditEntry entry, Collection<Long> changed) {
    if (changed.isEmpty()) {
      return;
    }
    about.addFirst(new About(entry, Ordered.copyOf(changed)));
    tasks += about.getFirst().keys().size();
    while (tasks > MOST_TASKS) {
      tasks -= about.removeLast().keys().size();
    }
  }

  /** What was done to the task of this key, the last first. */
  List<AuditEntry> about(long key) {
    synchronized (entries) {
      return about.stream().filter(one -> one.keys().contains(key)).map(About::entry).toList();
    }
  }

  /** What people and producers write must not look like a line of ours. */
  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.chars().forEach(sign -> line.append(Character.isISOControl(sign) ? '?' : (char) sign));
    return line.toString();
  }

  /** The last orders, the newest first. */
  List<AuditEntry> entries() {
    synchronized (entries) {
      return new ArrayList<>(entries);
    }
  }
}
