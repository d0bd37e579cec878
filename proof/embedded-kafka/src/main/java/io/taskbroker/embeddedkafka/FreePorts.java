package io.taskbroker.embeddedkafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Finds ports on loopback that nobody listens on. Another process may still be quicker. */
public final class FreePorts {
  private static final int ANY = 0;
  private static final int BACKLOG = 1;

  private FreePorts() {}

  public static int any() {
    try {
      return tryToBind(ANY);
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on loopback", e);
    }
  }

  /** The one wished for if it is free, else any. */
  public static int preferably(int wished) {
    try {
      return tryToBind(wished);
    } catch (IOException _) {
      return any();
    }
  }

  private static int tryToBind(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
