package io.taskbroker.workload.proxy;

import java.io.DataInputStream;
import java.io.IOException;

/** How the bytes of one direction of a connection are cut into messages. For one thread. */
@FunctionalInterface
public interface Framing {
  /**
   * Reads the next message as a whole, its header included.
   *
   * @throws java.io.EOFException if the other end has closed the connection
   */
  byte[] next(DataInputStream in) throws IOException;
}
