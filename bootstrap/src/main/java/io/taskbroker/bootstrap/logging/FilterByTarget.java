package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.taskbroker.settings.LogFilter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Applies a {@link LogFilter}. Logback's own levels are inherited along dots, and our loggers are
 * named with colons.
 */
final class FilterByTarget extends TurboFilter {
  private final LogFilter shown;
  private final LogFilter besides;
  private final Map<String, Level> levels = new ConcurrentHashMap<>();

  /**
   * @param besides lets through what {@code shown} does not
   */
  FilterByTarget(LogFilter shown, LogFilter besides) {
    this.shown = shown;
    this.besides = besides;
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] params,
      @Nullable Throwable thrown) {
    Level lowest = levels.computeIfAbsent(logger.getName(), this::lowest);
    return level.isGreaterOrEqual(lowest) ? FilterReply.ACCEPT : FilterReply.DENY;
  }

  private Level lowest(String logger) {
    Level one = Levels.of(shown.levelOf(logger));
    Level other = Levels.of(besides.levelOf(logger));
    return one.isGreaterOrEqual(other) ? other : one;
  }
}
