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
  private final Shown shown;
  private final LogFilter besides;

  /** Whether nothing else is let through, so that one look-up is enough. */
  private final boolean isAlone;

  /** Of what is let through besides, by logger. */
  private final Map<String, Level> levels = new ConcurrentHashMap<>();

  /**
   * @param besides lets through what {@code shown} does not
   */
  FilterByTarget(Shown shown, LogFilter besides) {
    this.shown = shown;
    this.besides = besides;
    this.isAlone = besides.equals(LogFilter.NOTHING);
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] params,
      @Nullable Throwable thrown) {
    return level.isGreaterOrEqual(lowest(logger.getName())) ? FilterReply.ACCEPT : FilterReply.DENY;
  }

  private Level lowest(String logger) {
    Level one = shown.of(logger);
    if (isAlone) {
      return one;
    }
    Level other = levels.computeIfAbsent(logger, name -> Levels.of(besides.levelOf(name)));
    return one.isGreaterOrEqual(other) ? other : one;
  }
}
