package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;

/** Keeps from the log what was let through for other readers only. */
final class ShownOnly extends Filter<ILoggingEvent> {
  private final Shown shown;

  ShownOnly(Shown shown) {
    this.shown = shown;
  }

  @Override
  public FilterReply decide(ILoggingEvent event) {
    return event.getLevel().isGreaterOrEqual(shown.of(event.getLoggerName()))
        ? FilterReply.NEUTRAL
        : FilterReply.DENY;
  }
}
