package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.taskbroker.bootstrap.logging.Repetitions.LeftOut;
import io.taskbroker.bootstrap.logging.Repetitions.Showing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Writes lines, and counts those that {@link Repetitions} says are not worth one. */
final class BoundedConsole extends ConsoleAppender<ILoggingEvent> {
  private final LoggerContext lines;
  private final ReentrantLock lock = new ReentrantLock();
  private final Repetitions repetitions = new Repetitions();

  BoundedConsole(LoggerContext context) {
    this.lines = context;
    setContext(context);
  }

  @Override
  protected void append(ILoggingEvent event) {
    List<ILoggingEvent> shown = new ArrayList<>(1);
    lock.lock();
    try {
      for (LeftOut leftOut : repetitions.over(event.getTimeStamp())) {
        shown.add(told(leftOut, event.getTimeStamp()));
      }
      Showing showing = repetitions.judge(event);
      switch (showing) {
        case WHOLE -> shown.add(event);
        case WITHOUT_STACK -> shown.add(withoutStack(event));
        case NOT -> {}
      }
    } finally {
      lock.unlock();
    }
    shown.forEach(super::append);
  }

  private LoggingEvent told(LeftOut leftOut, long nowMs) {
    var event = new LoggingEvent();
    event.setLoggerContext(lines);
    event.setLoggerName(leftOut.logger());
    event.setLevel(leftOut.level());
    event.setThreadName(Thread.currentThread().getName());
    event.setTimeStamp(nowMs);
    event.setMessage(
        leftOut.lines() + " more lines like this one were left out: " + leftOut.text());
    return event;
  }

  /** What was thrown is named, for a line that would say nothing without it. */
  private ILoggingEvent withoutStack(ILoggingEvent event) {
    var thrown = event.getThrowableProxy();
    if (thrown == null) {
      return event;
    }
    var line = new LoggingEvent();
    line.setLoggerContext(lines);
    line.setLoggerName(event.getLoggerName());
    line.setLevel(event.getLevel());
    line.setThreadName(event.getThreadName());
    line.setInstant(event.getInstant());
    line.setMessage(
        event.getFormattedMessage()
            + " ("
            + thrown.getClassName()
            + ": "
            + thrown.getMessage()
            + ")");
    line.setKeyValuePairs(event.getKeyValuePairs());
    return line;
  }
}
