package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.taskbroker.settings.LogFormat;
import io.taskbroker.settings.LogSettings;

/**
 * What Logback finds before the configuration is read. Programs that have the broker on their class
 * path, and a {@code logback.xml} of their own, keep theirs.
 */
public final class UntilConfigured extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (UntilConfigured.class.getResource("/logback.xml") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    Logging.apply(context, new LogSettings("info", LogFormat.TEXT), System.getenv("NO_COLOR"));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
