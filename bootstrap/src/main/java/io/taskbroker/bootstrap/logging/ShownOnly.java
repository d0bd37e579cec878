package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import io.taskbroker.settings.LogFilter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps from the log what was let through for other readers only. */
final class ShownOnly extends Filter<ILoggingEvent> {
  private final LogFilter filter;
  private final Map<String, Level> levels = new ConcurrentHashMap<>();

  ShownOnly(LogFilter filter) {
    this.filter = filter;
  }

  @Override
  public FilterReply decide(ILoggingEvent event) {
    Level lowest = levels.computeIfAbsent(event.getLoggerName(), this::lowest);
    return event.getLevel().isGreaterOrEqual(lowest) ? FilterReply.NEUTRAL : FilterReply.DENY;
  }

  private Level lowest(String logger) {
    return Levels.of(filter.levelOf(logger));
  }
}
