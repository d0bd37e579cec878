package io.taskbroker.adapters.metrics;

/** Nobody can be answered at the address that was asked for. */
public final class MonitoringException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MonitoringException(String message, Throwable cause) {
    super(message, cause);
  }
}
