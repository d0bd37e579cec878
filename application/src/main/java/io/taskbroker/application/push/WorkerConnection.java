package io.taskbroker.application.push;

/**
 * One connection to the workers of an application. What hangs or breaks is a connection, so each
 * has its own load, pauses and trust.
 *
 * @param address of its other end, as {@code host:port}
 * @param number tells it from the other connections to that address; from 1
 */
public record WorkerConnection(String address, int number) {
  @Override
  public String toString() {
    return "connection " + number + " to " + address;
  }
}
