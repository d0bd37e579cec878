package io.taskbroker.testkit.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What a logger says while this is open. Safe for all threads. */
public final class CapturedLog implements AutoCloseable {
  private final Logger logger;
  private final Captor captor = new Captor();

  /**
   * @param name of the logger; {@code ROOT} for all of them
   */
  public CapturedLog(String name) {
    logger = (Logger) LoggerFactory.getLogger(name);
    captor.start();
    logger.addAppender(captor);
  }

  /** Its lines so far, at INFO or above, without what was thrown. */
  public List<String> lines() {
    return captor.lines;
  }

  /** How many of them came with a stack trace. */
  public long stackTraces() {
    return captor.thrown.size();
  }

  @Override
  public void close() {
    logger.detachAppender(captor);
    captor.stop();
  }

  private static final class Captor extends AppenderBase<ILoggingEvent> {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final List<String> thrown = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
        return;
      }
      lines.add(event.getFormattedMessage());
      if (event.getThrowableProxy() != null) {
        thrown.add(event.getThrowableProxy().getClassName());
      }
    }
  }
}
