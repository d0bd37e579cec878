package io.taskbroker.adapters.http;

/**
 * Where people and machines may ask how the broker is.
 *
 * @param address an IP address or a host name of this machine
 * @param port 0 for some free one
 * @param connections most connections at a time; above it the oldest one of the host that has most
 *     is closed
 * @param connectionsPerAddress the same for one client address; 0 for no such limit
 */
public record MonitoringSettings(
    String address, int port, int connections, int connectionsPerAddress) {
  public MonitoringSettings {
    if (connections < 1) {
      throw new IllegalArgumentException("connections must be at least 1, was " + connections);
    }
    if (connectionsPerAddress < 0) {
      throw new IllegalArgumentException(
          "connectionsPerAddress must not be negative, was " + connectionsPerAddress);
    }
  }
}
