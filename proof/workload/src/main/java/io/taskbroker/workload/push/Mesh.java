package io.taskbroker.workload.push;

import io.taskbroker.workload.proxy.Http2;
import io.taskbroker.workload.proxy.Line;
import io.taskbroker.workload.proxy.Proxy;
import io.taskbroker.workload.proxy.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy before workers that does what those of service meshes do. Each request is delivered; what
 * the broker hears of it is the mesh's.
 */
public final class Mesh implements AutoCloseable {
  /** What becomes of pushes, all of which are delivered but those that hang. */
  public enum Weather {
    /** The workers' answers come through. */
    FAIR,
    /**
     * One in 25 goes wrong: it is answered UNAVAILABLE in the workers' place, reset or cut off. A
     * connection that is cut off may take others with it, which are not counted.
     */
    STORMY,
    /** Nothing comes through any more, in either direction; connections stay. */
    HANGING
  }

  /** Of so many pushes in a storm exactly one goes wrong. */
  private static final int PUSHES_PER_TROUBLE = 25;

  /** How they go wrong, one after the other, and again from the first. */
  private static final List<Fate> TROUBLES =
      List.of(Fate.UNAVAILABLE, Fate.RESET, Fate.UNAVAILABLE, Fate.CUT);

  private static final int GRPC_UNAVAILABLE = 14;

  /** A health check has an empty message: five bytes of frame, and no more. */
  private static final int EMPTY_MESSAGE_BYTES = 5;

  private final Random random;
  private final Proxy proxy;
  private final AtomicInteger troubles = new AtomicInteger();
  private final AtomicInteger pushes = new AtomicInteger();

  /** How many pushes have come in storms. Guarded by {@link #random}. */
  private int stormy;

  /** Which of the present {@link #PUSHES_PER_TROUBLE} goes wrong. Guarded by {@link #random}. */
  private int unlucky;

  private volatile Weather weather = Weather.FAIR;

  private enum Fate {
    PASS,
    UNAVAILABLE,
    RESET,
    CUT
  }

  private Mesh(InetSocketAddress at, int workersPort, long seed) {
    this.random = new Random(seed);
    this.proxy =
        Proxy.start(
            at,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), workersPort),
            Http2.PROTOCOL,
            Sidecar::new);
  }

  /**
   * @param address a loopback address such as 127.0.0.2
   * @param port 0 for one that nobody has
   * @param workersPort where the workers listen
   */
  public static Mesh start(String address, int port, int workersPort, long seed) {
    return new Mesh(new InetSocketAddress(InetAddress.ofLiteral(address), port), workersPort, seed);
  }

  /** Where it listens. */
  public int port() {
    return proxy.port();
  }

  public void weather(Weather now) {
    weather = now;
  }

  /** How many pushes ended otherwise than the workers said. */
  public int troubles() {
    return troubles.get();
  }

  /** How many pushes have come. */
  public int pushes() {
    return pushes.get();
  }

  @Override
  public void close() {
    proxy.close();
  }

  /** The end of one connection that is at the workers. */
  private final class Sidecar implements Script {
    private final Map<Integer, Fate> fates = new ConcurrentHashMap<>();

    @Override
    public void fromClient(byte[] message, Line line) throws IOException {
      if (weather == Weather.HANGING) {
        return;
      }
      if (Http2.isPreface(message)) {
        line.toServer(message);
      } else if (Http2.isSettings(message)) {
        line.toServer(Http2.withoutHeaderTable(message));
      } else {
        if (Http2.type(message) == Http2.DATA
            && Http2.payloadBytes(message) > EMPTY_MESSAGE_BYTES
            && !fates.containsKey(Http2.stream(message))) {
          fates.put(Http2.stream(message), decide());
          pushes.incrementAndGet();
        }
        line.toServer(message);
      }
    }

    private Fate decide() {
      if (weather != Weather.STORMY) {
        return Fate.PASS;
      }
      synchronized (random) {
        int place = stormy % PUSHES_PER_TROUBLE;
        int trouble = stormy / PUSHES_PER_TROUBLE % TROUBLES.size();
        if (place == 0) {
          unlucky = random.nextInt(PUSHES_PER_TROUBLE);
        }
        stormy++;
        return place == unlucky ? TROUBLES.get(trouble) : Fate.PASS;
      }
    }

    @Override
    public void fromServer(byte[] message, Line line) throws IOException {
      if (weather == Weather.HANGING) {
        return;
      }
      int stream = Http2.stream(message);
      Fate fate = fates.getOrDefault(stream, Fate.PASS);
      boolean ends = Http2.endsStream(message); // the worker has said all: it has the task
      if (ends) {
        fates.remove(stream);
      }
      if (fate == Fate.PASS) {
        line.toClient(message);
      } else if (ends) {
        troubles.incrementAndGet();
        end(stream, fate, line);
      }
    }

    private void end(int stream, Fate fate, Line line) throws IOException {
      switch (fate) {
        case PASS -> {}
        case UNAVAILABLE ->
            line.toClient(Http2.failure(stream, GRPC_UNAVAILABLE, "upstream connect error"));
        case RESET -> line.toClient(Http2.reset(stream, Http2.INTERNAL_ERROR));
        case CUT -> line.cut();
      }
    }
  }
}
