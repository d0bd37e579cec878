package io.taskbroker.benchmarks.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes a server seem further away: its answers arrive later by a fixed time, however many are
 * under way. What clients say passes at once, so a round trip takes longer by the delay once.
 */
final class SlowLink implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final ServerSocket listening;
  private final InetSocketAddress server;
  private final long delayNanos;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Bytes on their way; a parcel without any is the end. */
  private record Parcel(long dueNanos, byte[] bytes) {}

  private SlowLink(ServerSocket listening, InetSocketAddress server, Duration delay) {
    this.listening = listening;
    this.server = server;
    this.delayNanos = delay.toNanos();
  }

  /**
   * Listens on a free port of loopback.
   *
   * @param port of the server, on loopback
   */
  static SlowLink to(int port, Duration delay) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try {
      var link =
          new SlowLink(
              new ServerSocket(0, 0, loopback), new InetSocketAddress(loopback, port), delay);
      start("slow-link", link::acceptAll);
      return link;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on loopback", e);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Threads of the system, since their timers are the finest. */
  private static void start(String name, Runnable work) {
    Thread.ofPlatform().daemon().name(name).start(work);
  }

  private void acceptAll() {
    try {
      while (true) {
        connect(listening.accept());
      }
    } catch (IOException _) {
      // closed
    }
  }

  private void connect(Socket client) throws IOException {
    var far = new Socket();
    sockets.add(client);
    sockets.add(far);
    far.connect(server);
    client.setTcpNoDelay(true);
    far.setTcpNoDelay(true);
    BlockingQueue<Parcel> onTheirWay = new LinkedBlockingQueue<>();
    start("slow-link-there", () -> untilClosed(client, far, () -> pass(client, far)));
    start("slow-link-receive", () -> receive(far, onTheirWay));
    start("slow-link-back", () -> untilClosed(client, far, () -> deliver(onTheirWay, client)));
  }

  private static void pass(Socket from, Socket to) throws IOException {
    from.getInputStream().transferTo(to.getOutputStream());
  }

  /** The end is one more parcel, so that nothing is lost that was said before. */
  private void receive(Socket from, BlockingQueue<Parcel> onTheirWay) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        onTheirWay.add(parcel(Arrays.copyOf(buffer, read)));
      }
    } catch (IOException _) {
      // the server has gone, or the client has
    } finally {
      onTheirWay.add(parcel(new byte[0]));
    }
  }

  private Parcel parcel(byte[] bytes) {
    return new Parcel(System.nanoTime() + delayNanos, bytes);
  }

  private static void deliver(BlockingQueue<Parcel> onTheirWay, Socket to)
      throws IOException, InterruptedException {
    OutputStream out = to.getOutputStream();
    for (Parcel next = onTheirWay.take(); next.bytes.length > 0; next = onTheirWay.take()) {
      for (long left = next.dueNanos - System.nanoTime();
          left > 0;
          left = next.dueNanos - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      out.write(next.bytes);
    }
  }

  @FunctionalInterface
  private interface Way {
    void run() throws IOException, InterruptedException;
  }

  private void untilClosed(Socket client, Socket far, Way way) {
    try {
      way.run();
    } catch (IOException _) {
      // one of both ends is gone
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      close(client);
      close(far);
    }
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException _) {
      // it is closed one way or another
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop listening", e);
    } finally {
      sockets.forEach(this::close);
    }
  }
}
