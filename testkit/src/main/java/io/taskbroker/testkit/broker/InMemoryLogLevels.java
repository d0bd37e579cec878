package io.taskbroker.testkit.broker;

import io.taskbroker.application.operations.LogChange;
import io.taskbroker.application.operations.LogLevels;
import java.util.List;
import java.util.TreeMap;

/** Keeps what is ordered of the log, and logs nothing. Safe for all threads. */
public final class InMemoryLogLevels implements LogLevels {
  private static final List<String> LEVELS =
      List.of("off", "error", "warn", "info", "debug", "trace");

  private final TreeMap<String, LogChange> changes = new TreeMap<>();

  @Override
  public String configured() {
    return "info";
  }

  @Override
  public synchronized List<LogChange> changes() {
    return List.copyOf(changes.values());
  }

  @Override
  public synchronized void change(LogChange change) {
    if (!LEVELS.contains(change.level())) {
      throw new IllegalArgumentException("'%s' is no level".formatted(change.level()));
    }
    changes.put(change.target(), change);
  }

  @Override
  public synchronized boolean end(String target) {
    return changes.remove(target) != null;
  }
}
