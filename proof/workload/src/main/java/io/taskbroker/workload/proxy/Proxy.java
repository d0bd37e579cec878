package io.taskbroker.workload.proxy;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Stands between clients and a server, and lets a script have every message. */
public final class Proxy implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final ServerSocket listening;
  private final InetSocketAddress target;
  private final Protocol protocol;
  private final Supplier<Script> scripts;
  private final Set<Line> lines = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * How both directions of a protocol are framed; asked anew for each connection.
   *
   * @param client what clients say
   * @param server what servers say
   */
  public record Protocol(Supplier<Framing> client, Supplier<Framing> server) {}

  private Proxy(
      ServerSocket listening,
      InetSocketAddress target,
      Protocol protocol,
      Supplier<Script> scripts) {
    this.listening = listening;
    this.target = target;
    this.protocol = protocol;
    this.scripts = scripts;
  }

  /**
   * @param at a loopback address, and a port, 0 for any
   * @param scripts one for each connection
   */
  public static Proxy start(
      InetSocketAddress at, InetSocketAddress target, Protocol protocol, Supplier<Script> scripts) {
    try {
      var listening = new ServerSocket(at.getPort(), BACKLOG, at.getAddress());
      var proxy = new Proxy(listening, target, protocol, scripts);
      Thread.ofVirtual().name("proxy-" + at).start(proxy::acceptAll);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen at " + at, e);
    }
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** How many connections clients have made so far. */
  public int connections() {
    return connections.get();
  }

  /** Cuts all connections that there are. */
  public void cut() {
    for (Line line : lines) {
      close(line);
    }
  }

  private static void close(Line line) {
    try {
      line.close();
    } catch (IOException _) {
      // it is closed one way or another
    }
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket client = listening.accept();
        connections.incrementAndGet();
        connect(client);
      }
    } catch (IOException _) {
      // closed
    }
  }

  private void connect(Socket client) throws IOException {
    var server = new Socket();
    try {
      server.connect(target);
    } catch (IOException _) { // nobody is there: as it would be without us
      client.close();
      return;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    var line = new Line(client, server);
    lines.add(line);
    Script script = scripts.get();
    pump(line, client, protocol.client().get(), script::fromClient);
    pump(line, server, protocol.server().get(), script::fromServer);
  }

  @FunctionalInterface
  private interface Handler {
    void on(byte[] message, Line line) throws IOException;
  }

  private void pump(Line line, Socket from, Framing framing, Handler handler) {
    Thread.ofVirtual()
        .name("proxy-line")
        .start(
            () -> {
              try (var in =
                  new DataInputStream(
                      new BufferedInputStream(from.getInputStream(), BUFFER_BYTES))) {
                while (true) {
                  handler.on(framing.next(in), line);
                  if (in.available() == 0) {
                    line.flush();
                  }
                }
              } catch (IOException _) {
                // one of both ends is gone
              } finally {
                lines.remove(line);
                close(line);
              }
            });
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop listening", e);
    } finally {
      cut();
    }
  }
}
