package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import io.taskbroker.settings.LogFilter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** What the log shows, which may change at any time. Safe for all threads. */
final class Shown {
  private volatile Filter filter;

  /**
   * @param levels known ones, by logger
   * @param isOver whether something else is to be shown by now
   * @param whenOver puts that in force
   */
  private record Filter(
      LogFilter directives, Map<String, Level> levels, BooleanSupplier isOver, Runnable whenOver) {}

  Shown(LogFilter directives) {
    filter = of(directives, () -> false, () -> {});
  }

  private static Filter of(LogFilter directives, BooleanSupplier isOver, Runnable whenOver) {
    return new Filter(directives, new ConcurrentHashMap<>(), isOver, whenOver);
  }

  /**
   * From here on this is shown.
   *
   * @param isOver asked before each line, on its thread
   * @param whenOver called then, maybe by several threads at once; it makes this {@link #become}
   *     something else
   */
  void become(LogFilter directives, BooleanSupplier isOver, Runnable whenOver) {
    filter = of(directives, isOver, whenOver);
  }

  /** The lowest level that is shown of a logger. */
  Level of(String logger) {
    Filter now = filter;
    if (now.isOver().getAsBoolean()) {
      now.whenOver().run();
      now = filter;
    }
    LogFilter directives = now.directives();
    return now.levels().computeIfAbsent(logger, name -> Levels.of(directives.levelOf(name)));
  }
}
