package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Applies a {@link LogFilter}. Logback's own levels are inherited along dots, and our loggers are
 * named with colons.
 */
final class FilterByTarget extends TurboFilter {
  private final LogFilter filter;
  private final Map<String, Level> levels = new ConcurrentHashMap<>();

  FilterByTarget(LogFilter filter) {
    this.filter = filter;
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] params,
      @Nullable Throwable thrown) {
    Level lowest = levels.computeIfAbsent(logger.getName(), filter::levelOf);
    return level.isGreaterOrEqual(lowest) ? FilterReply.ACCEPT : FilterReply.DENY;
  }
}
