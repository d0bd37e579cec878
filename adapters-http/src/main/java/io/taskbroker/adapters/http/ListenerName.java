package io.taskbroker.adapters.http;

/**
 * Which of the listeners it is.
 *
 * @param threads how the names of its threads begin
 * @param limit the setting that bounds its connections
 */
public record ListenerName(String threads, String limit) {
  /** Metrics and probes. */
  static final ListenerName MONITORING = new ListenerName("http", "http_max_connections");

  /** The admin API. */
  public static final ListenerName ADMIN = new ListenerName("admin", "admin.max_connections");
}
