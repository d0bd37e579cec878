package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAware;
import io.taskbroker.settings.LogFilter;
import io.taskbroker.settings.LogFormat;
import io.taskbroker.settings.LogSettings;
import io.taskbroker.settings.ReportSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends what is logged to the standard error stream. */
public final class Logging {
  /** What is reported, whatever is shown; libraries that talk much stay quiet there, too. */
  private static final LogFilter REPORTED = LogFilter.parse("info");

  private Logging() {}

  /**
   * From here on logs as these settings say.
   *
   * @param noColor the value of the environment variable {@code NO_COLOR}; colours only if it is
   *     null or empty
   */
  public static void start(LogSettings settings, @Nullable String noColor) {
    apply((LoggerContext) LoggerFactory.getILoggerFactory(), settings, noColor);
    bridge();
  }

  /**
   * As {@link #start}, and reports errors to Sentry, too.
   *
   * @param release the version of this program
   * @param lastWords how long the end may wait for what has not been sent yet
   * @return to be closed at the end, which sends what has not been sent yet
   * @throws IllegalArgumentException if Sentry refuses the settings
   */
  public static LastWords start(
      LogSettings settings,
      @Nullable String noColor,
      ReportSettings reports,
      String release,
      Duration lastWords) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    apply(context, settings, noColor, REPORTED);
    bridge();
    return ErrorReports.start(reports, release, lastWords, context);
  }

  private static void bridge() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install(); // gRPC logs through the JDK
  }

  static void apply(LoggerContext context, LogSettings settings, @Nullable String noColor) {
    apply(context, settings, noColor, LogFilter.NOTHING);
  }

  /**
   * @param besides what other appenders are to see, whether it is shown or not
   */
  private static void apply(
      LoggerContext context, LogSettings settings, @Nullable String noColor, LogFilter besides) {
    context.reset();
    var shown = new Shown(LogFilter.parse(settings.filter()));
    context.putObject(LiveLevels.SHOWN, shown);
    var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
    encoder.setLayout(inContext(context, layout(settings.format(), noColor)));
    encoder.setCharset(StandardCharsets.UTF_8);
    var stderr = new BoundedConsole(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(inContext(context, encoder));
    stderr.addFilter(inContext(context, new ShownOnly(shown)));
    context.addTurboFilter(inContext(context, new FilterByTarget(shown, besides)));
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.TRACE);
    root.addAppender(inContext(context, stderr));
    encoder.start();
    stderr.start();
  }

  private static Layout<ILoggingEvent> layout(LogFormat format, @Nullable String noColor) {
    return switch (format) {
      case TEXT ->
          new TextLayout(
              noColor == null || noColor.isEmpty()
                  ? TextLayout.Style.COLOURED
                  : TextLayout.Style.PLAIN);
      case JSON -> new JsonLayout();
    };
  }

  private static <T extends ContextAware> T inContext(LoggerContext context, T part) {
    part.setContext(context);
    return part;
  }
}
