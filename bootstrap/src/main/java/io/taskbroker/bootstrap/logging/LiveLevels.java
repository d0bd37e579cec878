package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.LoggerContext;
import io.taskbroker.application.operations.LogChange;
import io.taskbroker.application.operations.LogLevels;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.LogFilter;
import io.taskbroker.settings.LogFilter.Directive;
import io.taskbroker.settings.LogSettings;
import java.util.List;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes what the log shows while the program runs. The end of a change by its time is noticed
 * when the next line is logged, which is when it matters. Safe for all threads.
 */
public final class LiveLevels implements LogLevels {
  /** Under this name the context of Logback has a {@link Shown}. */
  static final String SHOWN = "taskbroker.shown";

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::log");

  private final LogSettings configured;
  private final LoggerContext context;
  private final TimeSource time;

  /** By target. */
  private final TreeMap<String, LogChange> changes = new TreeMap<>();

  public LiveLevels(LogSettings configured, TimeSource time) {
    this(configured, (LoggerContext) LoggerFactory.getILoggerFactory(), time);
  }

  LiveLevels(LogSettings configured, LoggerContext context, TimeSource time) {
    this.configured = configured;
    this.context = context;
    this.time = time;
  }

  @Override
  public String configured() {
    return configured.filter();
  }

  @Override
  public synchronized List<LogChange> changes() {
    long nowMs = time.now().wallMs();
    return changes.values().stream().filter(change -> !change.isOver(nowMs)).toList();
  }

  @Override
  public synchronized void change(LogChange change) {
    if (!(context.getObject(SHOWN) instanceof Shown)) {
      throw new IllegalArgumentException(
          "this program has a logback.xml of its own; change what is logged there");
    }
    var _ = Directive.of(change.target(), change.level()); // refused before anything changes
    changes.put(change.target(), change);
    apply();
  }

  @Override
  public synchronized boolean end(String target) {
    LogChange ended = changes.remove(target);
    apply();
    return ended != null && !ended.isOver(time.now().wallMs());
  }

  private void apply() {
    if (!(context.getObject(SHOWN) instanceof Shown shown)) {
      return;
    }
    LogFilter filter = LogFilter.parse(configured.filter());
    long firstEndMs = Long.MAX_VALUE;
    for (LogChange change : changes.values()) {
      filter = filter.with(Directive.of(change.target(), change.level()));
      Long untilMs = change.untilMs();
      firstEndMs = Math.min(firstEndMs, untilMs == null ? Long.MAX_VALUE : untilMs);
    }
    long endMs = firstEndMs;
    if (endMs == Long.MAX_VALUE) {
      shown.become(filter, () -> false, () -> {}); // the clock is not asked for each line
    } else {
      shown.become(filter, () -> time.now().wallMs() >= endMs, this::endOver);
    }
  }

  private void endOver() {
    for (LogChange over : takeOver()) {
      LOG.info("The time is over to {}, and it is logged as before", over.words());
    }
  }

  private synchronized List<LogChange> takeOver() {
    long nowMs = time.now().wallMs();
    List<LogChange> over =
        changes.values().stream().filter(change -> change.isOver(nowMs)).toList();
    if (!over.isEmpty()) {
      changes.values().removeAll(over);
      apply();
    }
    return over;
  }
}
