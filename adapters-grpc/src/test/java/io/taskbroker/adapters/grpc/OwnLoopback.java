package io.taskbroker.adapters.grpc;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Loopback addresses that belong to this process alone: no other program, and no other run of these
 * tests, takes a port of them between two uses of it.
 */
final class OwnLoopback {
  /** Not privileged, and none that the system, or a test with Kafka, gives to who asks for any. */
  private static final int PORT = 19_052;

  private OwnLoopback() {}

  /**
   * @param number which of them: 1 to 3
   */
  static InetSocketAddress at(int number) {
    int process = (int) (ProcessHandle.current().pid() % 4_000_000);
    String address =
        "127.%d.%d.%d"
            .formatted(64 * number + process / 62_500 % 64, process / 250 % 250, 1 + process % 250);
    return new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
  }
}
