package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/** What Logback finds before the configuration is read, in place of looking for XML files. */
public final class UntilConfigured extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Logging.apply(context, new LogSettings("info", LogFormat.TEXT), System.getenv("NO_COLOR"));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
