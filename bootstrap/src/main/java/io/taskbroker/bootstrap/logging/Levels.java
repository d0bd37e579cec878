package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import io.taskbroker.settings.LogLevel;

/** What our levels are called in Logback. */
final class Levels {
  private Levels() {}

  static Level of(LogLevel level) {
    return switch (level) {
      case OFF -> Level.OFF;
      case ERROR -> Level.ERROR;
      case WARN -> Level.WARN;
      case INFO -> Level.INFO;
      case DEBUG -> Level.DEBUG;
      case TRACE -> Level.TRACE;
    };
  }
}
