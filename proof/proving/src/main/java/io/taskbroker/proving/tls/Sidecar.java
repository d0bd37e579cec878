package io.taskbroker.proving.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Speaks TLS in the place of workers that do not, as those of service meshes do: on their way to a
 * broker, or for a broker that calls them. Safe for all threads.
 */
final class Sidecar implements AutoCloseable {
  private static final int BACKLOG = 50;
  private static final String LOCALHOST = "127.0.0.1";

  private final ServerSocket listening;
  private final int target;
  private final Side tls;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger joined = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private volatile Identity identity;

  private enum Side {
    /** The sidecar speaks TLS with those whom it calls. */
    OUTGOING,
    /** The sidecar speaks TLS with those who call it. */
    INCOMING
  }

  private Sidecar(ServerSocket listening, int target, Side tls, Identity identity) {
    this.listening = listening;
    this.target = target;
    this.tls = tls;
    this.identity = identity;
  }

  /** Workers connect to it in plain text, and it connects to the broker by TLS. */
  static Sidecar toBroker(int brokerPort, Identity identity) {
    return start(brokerPort, Side.OUTGOING, identity);
  }

  /** The broker connects to it by TLS, and it connects to workers in plain text. */
  static Sidecar toWorkers(int workersPort, Identity identity) {
    return start(workersPort, Side.INCOMING, identity);
  }

  private static Sidecar start(int target, Side tls, Identity identity) {
    try {
      var listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
      var sidecar = new Sidecar(listening, target, tls, identity);
      Thread.ofVirtual().name("sidecar").start(sidecar::acceptAll);
      return sidecar;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on loopback", e);
    }
  }

  String address() {
    return LOCALHOST + ":" + listening.getLocalPort();
  }

  /** New connections are made as this one. Open ones end. */
  void become(Identity now) {
    identity = now;
    open.forEach(Sidecar::close);
  }

  /** How many connections have come to be. */
  int joined() {
    return joined.get();
  }

  /** How many have not: nobody listens there, or one of both does not trust the other. */
  int failed() {
    return failed.get();
  }

  private void acceptAll() {
    while (!listening.isClosed()) {
      try {
        Socket caller = listening.accept();
        Thread.ofVirtual().name("sidecar-line").start(() -> join(caller));
      } catch (IOException _) {
        // closed
      }
    }
  }

  private void join(Socket caller) {
    open.add(caller);
    try (caller;
        Socket called = new Socket(InetAddress.getLoopbackAddress(), target)) {
      open.add(called);
      Socket here = tls == Side.INCOMING ? secured(caller) : caller;
      Socket there = tls == Side.OUTGOING ? secured(called) : called;
      joined.incrementAndGet();
      Thread back = Thread.ofVirtual().name("sidecar-back").start(() -> pass(there, here));
      pass(here, there);
      back.join();
      open.remove(called);
    } catch (IOException _) {
      failed.incrementAndGet();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(caller);
    }
  }

  private Socket secured(Socket plain) throws IOException {
    var socket =
        (SSLSocket)
            identity.context().getSocketFactory().createSocket(plain, LOCALHOST, target, true);
    socket.setUseClientMode(tls == Side.OUTGOING);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    switch (tls) {
      case OUTGOING -> parameters.setEndpointIdentificationAlgorithm("HTTPS");
      case INCOMING -> parameters.setNeedClientAuth(true);
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      var _ = from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException _) {
      // one of both is gone
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // it is as good as closed
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop listening", e);
    }
    open.forEach(Sidecar::close);
  }
}
