package io.taskbroker.settings;

/** How important a line of the log has to be, to be shown; the most important first. */
public enum LogLevel {
  /** Nothing is shown. */
  OFF,
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
