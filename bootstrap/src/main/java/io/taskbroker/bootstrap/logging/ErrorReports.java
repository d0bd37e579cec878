package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.sentry.InitPriority;
import io.sentry.Sentry;
import io.sentry.SentryOptions;
import io.sentry.logback.SentryAppender;
import io.taskbroker.settings.ReportSettings;
import java.time.Duration;
import java.util.Map;

/**
 * Sends errors to Sentry as events, and what is at least as important as INFO as its logs, whatever
 * {@code log_filter} says. Nothing of it is loaded unless it is asked for.
 */
final class ErrorReports implements LastWords {
  private ErrorReports() {}

  /**
   * @throws IllegalArgumentException if the DSN is none
   */
  static ErrorReports start(
      ReportSettings settings, String release, Duration lastWords, LoggerContext context) {
    Sentry.init(options -> configure(options, settings, release, lastWords));
    var appender = new SentryAppender();
    appender.setContext(context);
    appender.setMinimumEventLevel(Level.ERROR);
    appender.setMinimumBreadcrumbLevel(Level.INFO);
    appender.setMinimumLevel(Level.INFO);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    return new ErrorReports();
  }

  private static void configure(
      SentryOptions options, ReportSettings settings, String release, Duration lastWords) {
    UnderscoredHost host = UnderscoredHost.of(settings.dsn());
    if (host == null) {
      options.setDsn(settings.dsn());
    } else {
      host.use(options, settings.dsn());
    }
    options.setRelease(release);
    options.setEnvironment(settings.environment());
    options.setTracesSampleRate(settings.tracesSampleRate());
    options.getLogs().setEnabled(true);
    options.setInitPriority(InitPriority.HIGHEST);
    for (Map.Entry<String, String> tag : settings.tags().entrySet()) {
      options.setTag(tag.getKey(), tag.getValue());
    }
    // What belongs to programs with users: sessions, and hooks that would get in our own's way.
    options.setEnableAutoSessionTracking(false);
    options.setEnableUncaughtExceptionHandler(false);
    options.setEnableShutdownHook(false);
    options.setShutdownTimeoutMillis(lastWords.toMillis());
  }

  /** Sends what has not been sent yet. */
  @Override
  public void close() {
    Sentry.close();
  }
}
