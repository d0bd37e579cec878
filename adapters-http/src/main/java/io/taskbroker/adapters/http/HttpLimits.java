package io.taskbroker.adapters.http;

import java.time.Duration;

/**
 * What one listener takes upon itself.
 *
 * @param connections most connections at a time
 * @param connectionsPerAddress most connections of one client address; 0 for no such limit
 * @param request how long a connection may take for a whole request, and may stay without one
 * @param answer how long a client may take to read an answer
 */
public record HttpLimits(
    int connections, int connectionsPerAddress, Duration request, Duration answer) {
  /**
   * Long for any client that works; a connection that was closed is opened anew by the next one.
   */
  public static final Duration REQUEST = Duration.ofSeconds(20);

  /** A page of metrics is a few MB at most, so even a slow line has read it by then. */
  public static final Duration ANSWER = Duration.ofSeconds(30);

  /** Bytes of a request's headers. Probes and scrapers send some hundred; proxies add cookies. */
  static final int HEADER_BYTES = 8 * 1024;
}
