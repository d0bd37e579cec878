package io.taskbroker.application.operations;

import io.taskbroker.domain.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the last orders of operators; the log has all of them. Safe for any number of threads.
 */
final class AuditTrail {
  /** People look at the last ones only. Whoever needs all of them keeps the log. */
  static final int MOST_ENTRIES = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::audit");

  private final TimeSource time;
  private final Deque<AuditEntry> entries = new ArrayDeque<>();

  AuditTrail(TimeSource time) {
    this.time = time;
  }

  void record(Order by, String order, String result) {
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
    }
    LOG.info(
        "{} ordered: {}; because: {}; result: {}",
        entry.actor(),
        entry.order(),
        entry.reason().isEmpty() ? "(not said)" : entry.reason(),
        entry.result());
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
