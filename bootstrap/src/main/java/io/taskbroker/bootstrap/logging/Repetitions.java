package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells lines that are shown from those that only say again what others have said: of one kind, a
 * minute has {@link #MOST_LINES} lines, of which the first has its stack trace. So a fault that
 * comes with every record or call cannot fill the disk that it may be about.
 *
 * <p>A kind is a logger, a text without its values, and the class of what was thrown. Those who
 * know better what is worth a line have a rule of their own and never come near this one. Lines
 * below the level INFO are left alone: somebody looks for something. Not safe for several threads.
 */
final class Repetitions {
  /** Of one kind in a minute. */
  static final int MOST_LINES = 20;

  private static final long MINUTE_MS = 60_000;

  /** Kinds that are known at once. What comes beyond them is shown. */
  private static final int MOST_KINDS = 2_000;

  private final Map<Kind, Minute> minutes = new LinkedHashMap<>();

  private record Kind(String logger, Level level, String text, @Nullable String thrown) {}

  /** What one minute has had of a kind. */
  private static final class Minute {
    final long beganMs;
    int lines;

    Minute(long beganMs) {
      this.beganMs = beganMs;
    }
  }

  /** How a line is shown. */
  enum Showing {
    WHOLE,
    WITHOUT_STACK,
    NOT
  }

  /** Lines of a kind that were not shown within a minute. */
  record LeftOut(String logger, Level level, String text, int lines) {}

  /** How this line is shown; counts it. */
  Showing judge(ILoggingEvent event) {
    if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
      return Showing.WHOLE;
    }
    Kind kind = kindOf(event);
    Minute minute = minutes.get(kind);
    if (minute == null) {
      if (minutes.size() >= MOST_KINDS) {
        return Showing.WHOLE;
      }
      minute = new Minute(event.getTimeStamp());
      minutes.put(kind, minute);
    }
    minute.lines++;
    if (minute.lines > MOST_LINES) {
      return Showing.NOT;
    }
    return minute.lines == 1 ? Showing.WHOLE : Showing.WITHOUT_STACK;
  }

  private static Kind kindOf(ILoggingEvent event) {
    IThrowableProxy thrown = event.getThrowableProxy();
    return new Kind(
        event.getLoggerName(),
        event.getLevel(),
        String.valueOf(event.getMessage()),
        thrown == null ? null : thrown.getClassName());
  }

  /** Ends the minutes that are over, or that a clock which went back has left behind. */
  List<LeftOut> over(long nowMs) {
    List<LeftOut> leftOut = new ArrayList<>();
    Iterator<Map.Entry<Kind, Minute>> entries = minutes.entrySet().iterator();
    while (entries.hasNext()) { // in the order in which they began
      Map.Entry<Kind, Minute> entry = entries.next();
      Minute minute = entry.getValue();
      if (nowMs >= minute.beganMs && nowMs < minute.beganMs + MINUTE_MS) {
        break;
      }
      entries.remove();
      if (minute.lines > MOST_LINES) {
        Kind kind = entry.getKey();
        leftOut.add(
            new LeftOut(kind.logger(), kind.level(), kind.text(), minute.lines - MOST_LINES));
      }
    }
    return leftOut;
  }
}
