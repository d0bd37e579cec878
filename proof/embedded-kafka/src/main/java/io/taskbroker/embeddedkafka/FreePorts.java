package io.taskbroker.embeddedkafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds ports on loopback that nobody listens on, and that nobody else is given before they are
 * used.
 *
 * <p>The system gives the ports of its own range to any process and to outgoing connections. These
 * ports lie below that range. They come in blocks. A process keeps a block until it ends, and holds
 * the block's first port open as a sign of that. Safe for all threads.
 */
public final class FreePorts {
  private static final int FIRST = 20_000;
  private static final int BLOCK = 64;
  private static final int BLOCKS = 156;
  private static final int BACKLOG = 1;

  /** The first ports of this process's blocks. */
  private static final List<ServerSocket> HELD = new ArrayList<>();

  private static int block = (int) (ProcessHandle.current().pid() % BLOCKS);

  /** How many ports of the block have been given, its first included. */
  private static int used = BLOCK;

  private FreePorts() {}

  /** Gives each port once. */
  public static synchronized int any() {
    while (true) {
      if (used == BLOCK) {
        takeNextBlock();
      }
      int port = FIRST + block * BLOCK + used++;
      if (isFree(port)) {
        return port;
      }
    }
  }

  /** The one wished for if it is free, else any. */
  public static int preferably(int wished) {
    return isFree(wished) ? wished : any();
  }

  private static void takeNextBlock() {
    for (int tried = 0; tried < BLOCKS; tried++) {
      block = (block + 1) % BLOCKS;
      try {
        HELD.add(bind(FIRST + block * BLOCK));
        used = 1;
        return;
      } catch (IOException _) {
        // another process has it, or this one
      }
    }
    throw new IllegalStateException(
        "no free port on loopback from %d to %d".formatted(FIRST, FIRST + BLOCKS * BLOCK - 1));
  }

  private static boolean isFree(int port) {
    try (ServerSocket _ = bind(port)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
  }
}
