package io.taskbroker.workload.push;

/**
 * A pool of workers that are called.
 *
 * @param port to listen on, on loopback; 0 for any
 * @param broker to report to, as {@code host:port}
 * @param places tasks that they have at once, from acceptance until the report is acknowledged
 */
public record PushWorkerSettings(int port, String broker, int places) {
  public PushWorkerSettings {
    if (places < 1) {
      throw new IllegalArgumentException("needs a place, got " + places);
    }
  }
}
