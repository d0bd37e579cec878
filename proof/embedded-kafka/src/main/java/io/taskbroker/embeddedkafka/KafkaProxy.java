package io.taskbroker.embeddedkafka;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a Kafka and its clients, reads each request and answer as a whole, and can lose
 * either. Only requests that publish records are ever lost; those that fetch some may be told that
 * there are none.
 *
 * <p>The Kafka has to tell its clients the proxy's address: see {@link #listener}. Safe for all
 * threads.
 */
public final class KafkaProxy implements AutoCloseable {
  /** What happens to a request that publishes records. */
  public enum Conduct {
    /** It passes, and so does its answer. */
    PASS,
    /** Kafka gets it; its answer is lost with the connection. */
    LOSE_ANSWER,
    /** Kafka gets it; its answer never comes, and the connection stays. */
    WITHHOLD_ANSWER,
    /** It waits until another conduct is set, and fares like that. */
    HOLD,
    /** It is lost with the connection before Kafka gets it. */
    LOSE_REQUEST
  }

  private static final String LISTENER = "PROXIED";
  private static final int PRODUCE = 0;
  private static final int FETCH = 1;
  private static final int METADATA = 3;
  private static final int BACKLOG = 50;
  private static final int BETWEEN_NOTHINGS_MS = 100;

  /** Of the frames that Kafka itself would take. */
  private static final int MAX_FRAME_BYTES = 100 << 20;

  private final int targetPort;
  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Socket> askingForTopics = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicReference<@Nullable Conduct> next = new AtomicReference<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Conduct conduct = Conduct.PASS;
  private volatile boolean refusing;
  private volatile boolean bringingNothing;
  private volatile boolean hidingTopics;

  private KafkaProxy(ServerSocket server, int targetPort) {
    this.server = server;
    this.targetPort = targetPort;
  }

  /**
   * Properties of a Kafka that listens on one more port, and tells those who come that way the
   * proxy's.
   */
  public static Map<String, String> listener(NodeSettings node, int innerPort, int proxyPort) {
    Map<String, String> properties = node.properties();
    return Map.of(
        "listeners",
        "%s,%s://127.0.0.1:%d".formatted(properties.get("listeners"), LISTENER, innerPort),
        "advertised.listeners",
        "%s,%s://127.0.0.1:%d"
            .formatted(properties.get("advertised.listeners"), LISTENER, proxyPort),
        "listener.security.protocol.map",
        "%s,%s:PLAINTEXT".formatted(properties.get("listener.security.protocol.map"), LISTENER));
  }

  /** Listens on loopback; {@code targetPort} is the Kafka's additional one. */
  public static KafkaProxy start(int port, int targetPort) {
    try {
      var proxy =
          new KafkaProxy(
              new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress()), targetPort);
      Thread.ofPlatform().daemon().name("kafka-proxy").start(proxy::acceptAll);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  public String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** From here on requests that publish records fare like this. */
  public void publishing(Conduct conduct) {
    lock.lock();
    try {
      this.conduct = conduct;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Conduct conductNow() throws InterruptedIOException {
    Conduct once = next.getAndSet(null);
    lock.lock();
    try {
      Conduct now = once == null ? conduct : once;
      while (now == Conduct.HOLD) {
        changed.await();
        now = conduct;
      }
      return now;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a request was held");
    } finally {
      lock.unlock();
    }
  }

  /** The next request that publishes records fares like this; those after it as said before. */
  public void publishingNext(Conduct conduct) {
    next.set(conduct);
  }

  /**
   * From here on who asks for records is told that nothing is new, but for the first answer to
   * somebody new. All else passes.
   */
  public void bringNothing() {
    bringingNothing = true;
  }

  /** Ends {@link #bringNothing}. */
  public void bring() {
    bringingNothing = false;
  }

  /**
   * Cuts the connections that have asked about topics. From here on one that does is told nothing
   * more, and stays.
   */
  public void hideTopics() {
    hidingTopics = true;
    askingForTopics.forEach(KafkaProxy::cut);
  }

  /** Ends {@link #hideTopics}. */
  public void showTopics() {
    lock.lock();
    try {
      hidingTopics = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitTopics() throws InterruptedIOException {
    lock.lock();
    try {
      while (hidingTopics) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a request was held");
    } finally {
      lock.unlock();
    }
  }

  /** From here on nobody gets through; connections are cut. */
  public void refuse() {
    refusing = true;
    open.forEach(KafkaProxy::cut);
  }

  /** Ends {@link #refuse}. */
  public void admit() {
    refusing = false;
  }

  /** How many requests that publish records, or answers to them, were lost. */
  public int lost() {
    return lost.get();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop listening", e);
    } finally {
      open.forEach(KafkaProxy::cut);
    }
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (refusing) {
          cut(client);
        } else {
          connect(client);
        }
      } catch (IOException _) {
        // Closed, or the Kafka is away: the client sees its connection end.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket kafka;
    try {
      kafka = new Socket(InetAddress.getLoopbackAddress(), targetPort);
    } catch (IOException e) {
      cut(client);
      throw e;
    }
    client.setTcpNoDelay(true);
    kafka.setTcpNoDelay(true);
    open.add(client);
    open.add(kafka);
    var connection = new Connection(client, kafka);
    Thread.ofVirtual().name("kafka-proxy-requests").start(connection::passRequests);
    Thread.ofVirtual().name("kafka-proxy-answers").start(connection::passAnswers);
  }

  private static void cut(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // It is as good as closed.
    }
  }

  /** Of one client. */
  private final class Connection {
    private final Socket client;
    private final Socket kafka;
    private final Map<Integer, Conduct> unanswered = new ConcurrentHashMap<>();

    /** For each unanswered request for records the answer that there are none. */
    private final Map<Integer, byte[]> nothings = new ConcurrentHashMap<>();

    Connection(Socket client, Socket kafka) {
      this.client = client;
      this.kafka = kafka;
    }

    void passRequests() {
      pass(
          client,
          kafka,
          frame -> {
            if (frame.getShort(0) == FETCH) {
              nothings.put(frame.getInt(4), EmptyFetch.answer(frame));
            }
            if (frame.getShort(0) != PRODUCE) {
              if (frame.getShort(0) == METADATA) {
                askingForTopics.add(client);
                awaitTopics();
              }
              return true;
            }
            Conduct now = conductNow();
            if (now == Conduct.LOSE_REQUEST) {
              lost.incrementAndGet();
              throw new EOFException("the request is lost");
            }
            unanswered.put(frame.getInt(4), now);
            return true;
          });
    }

    void passAnswers() {
      pass(
          kafka,
          client,
          frame -> {
            byte[] nothing = nothings.remove(frame.getInt(0));
            if (bringingNothing && nothing != null && nothing.length > 0) {
              pause();
              write(client, nothing);
              return false;
            }
            Conduct asked = unanswered.remove(frame.getInt(0));
            return switch (asked == null ? Conduct.PASS : asked) {
              case PASS, HOLD, LOSE_REQUEST -> true;
              case WITHHOLD_ANSWER -> {
                lost.incrementAndGet();
                yield false;
              }
              case LOSE_ANSWER -> {
                lost.incrementAndGet();
                throw new EOFException("the answer is lost");
              }
            };
          });
    }

    private void pass(Socket from, Socket to, Judge judge) {
      try {
        var in = new DataInputStream(from.getInputStream());
        while (true) {
          byte[] frame = frame(in);
          if (judge.passes(ByteBuffer.wrap(frame))) {
            write(to, frame);
          }
        }
      } catch (EOFException | SocketException _) {
        // One of the two has gone, or the proxy cuts the connection.
      } catch (IOException e) {
        throw new UncheckedIOException("a connection to Kafka failed", e);
      } finally {
        cut(client);
        cut(kafka);
        open.remove(client);
        askingForTopics.remove(client);
        open.remove(kafka);
      }
    }

    /** Who is told that there is nothing asks again at once. */
    private static void pause() throws InterruptedIOException {
      try {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_NOTHINGS_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted before an answer");
      }
    }

    private static void write(Socket to, byte[] frame) throws IOException {
      var out = new DataOutputStream(new BufferedOutputStream(to.getOutputStream()));
      out.writeInt(frame.length);
      out.write(frame);
      out.flush();
    }

    private static byte[] frame(DataInputStream in) throws IOException {
      int length = in.readInt();
      if (length < 0 || length > MAX_FRAME_BYTES) {
        throw new EOFException("not a frame of Kafka's protocol: " + length + " bytes");
      }
      return in.readNBytes(length);
    }
  }

  /** Whether a frame passes; throws if the connection ends instead. */
  @FunctionalInterface
  private interface Judge {
    boolean passes(ByteBuffer frame) throws IOException;
  }
}
