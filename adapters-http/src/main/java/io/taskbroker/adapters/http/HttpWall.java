package io.taskbroker.adapters.http;

import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps clients from using up a listener: it bounds connections, and the time that each may take.
 *
 * <p>A newcomer is always let in. When there is no room, a connection that waits for a request is
 * closed in its place, or else one that waits for its answer to be read: the one that has waited
 * longest, of the host that has most of them. So a probe is answered however many others sit there,
 * and a host with many connections takes places from itself only. Safe for all threads.
 */
public final class HttpWall extends Handler.Wrapper implements Connection.Listener {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::http");

  /** Tells the connection of a request that some of its answer was read. */
  private static final String PROGRESS = HttpWall.class.getName();

  private final ListenerName name;
  private final HttpLimits limits;
  private final TimeSource time;
  private final Sparsely lines;
  private final Map<Connection, Guest> guests = new ConcurrentHashMap<>();

  HttpWall(ListenerName name, HttpLimits limits, TimeSource time, Handler behind) {
    super(behind);
    this.name = name;
    this.limits = limits;
    this.time = time;
    this.lines = new Sparsely(time, Duration.ofSeconds(10));
  }

  /** One connection. */
  private static final class Guest {
    final Connection connection;
    final @Nullable InetAddress address;

    /** Whether a request is whole, and its answer not yet read. */
    volatile boolean answering;

    /** Since when {@link #answering} has been as it is, in monotonic milliseconds. */
    volatile long sinceMs;

    Guest(Connection connection, long sinceMs) {
      this.connection = connection;
      this.address =
          connection.getEndPoint().getRemoteSocketAddress() instanceof InetSocketAddress remote
              ? remote.getAddress()
              : null;
      this.sinceMs = sinceMs;
    }

    void turn(boolean toAnswering, long nowMs) {
      sinceMs = nowMs;
      answering = toAnswering;
    }

    boolean isFrom(@Nullable InetAddress other) {
      return address != null && address.equals(other);
    }
  }

  @Override
  public void onOpened(Connection connection) {
    if (connection instanceof SslConnection) {
      return; // the one that is inside of it counts
    }
    var newcomer = new Guest(connection, nowMs());
    List<Guest> replaced = admit(newcomer);
    replaced.forEach(guest -> Encryption.cut(guest.connection.getEndPoint()));
    tellOf(replaced.size(), newcomer);
  }

  @Override
  public void onClosed(Connection connection) {
    guests.remove(connection);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Guest guest = guests.get(request.getConnectionMetaData().getConnection());
    if (guest != null) {
      guest.turn(true, nowMs());
      request.setAttribute(PROGRESS, (Runnable) () -> guest.turn(true, nowMs()));
      Request.addCompletionListener(request, _ -> guest.turn(false, nowMs()));
    }
    return super.handle(request, response, callback);
  }

  /** A part of an answer without end was read: its client has the time for an answer anew. */
  public static void progress(Request request) {
    if (request.getAttribute(PROGRESS) instanceof Runnable progress) {
      progress.run();
    }
  }

  /** Closes the connections that have taken too long. Called by one thread. */
  int look() {
    long nowMs = nowMs();
    for (Guest guest : guests.values()) {
      Duration limit = guest.answering ? limits.answer() : limits.request();
      if (nowMs - guest.sinceMs > limit.toMillis()) {
        close(guest);
      }
    }
    return 0;
  }

  /** Closes all connections, whatever is under way on them. */
  void closeAll() {
    guests.values().forEach(this::close);
  }

  /**
   * Adds a newcomer, and takes out whom it replaces. Connections are opened by several threads: one
   * at a time, so that no two newcomers replace the same one, or each other.
   */
  private synchronized List<Guest> admit(Guest newcomer) {
    guests.put(newcomer.connection, newcomer);
    List<Guest> replaced = new ArrayList<>();
    int perAddress = limits.connectionsPerAddress();
    if (perAddress > 0) {
      makeRoom(newcomer, guest -> guest.isFrom(newcomer.address), perAddress, replaced);
    }
    if (guests.size() > limits.connections()) {
      makeRoom(newcomer, _ -> true, limits.connections(), replaced);
    }
    return replaced;
  }

  private void makeRoom(Guest newcomer, Predicate<Guest> among, int room, List<Guest> replaced) {
    List<Guest> present = guests.values().stream().filter(among).toList();
    if (present.size() > room) {
      oldestBut(newcomer, present).filter(this::takeOut).ifPresent(replaced::add);
    }
  }

  private void tellOf(int replaced, Guest newcomer) {
    long untold = lines.count(replaced);
    if (untold > 0) {
      LOG.warn(
          "{} HTTP connections were closed to make room for new ones, the last for one from {}: look"
              + " for clients that connect and do not ask, or raise {}",
          untold,
          newcomer.address,
          name.limit());
    }
  }

  private static Optional<Guest> oldestBut(Guest newcomer, List<Guest> present) {
    Map<@Nullable InetAddress, Integer> ofHost = new HashMap<>();
    present.forEach(guest -> ofHost.merge(guest.address, 1, Integer::sum));
    return present.stream()
        .filter(guest -> guest != newcomer)
        .min(
            Comparator.comparing((Guest guest) -> guest.answering)
                .thenComparingInt(guest -> -ofHost.getOrDefault(guest.address, 0))
                .thenComparingLong(guest -> guest.sinceMs));
  }

  private void close(Guest guest) {
    if (takeOut(guest)) {
      Encryption.cut(guest.connection.getEndPoint());
    }
  }

  private boolean takeOut(Guest guest) {
    return guests.remove(guest.connection, guest);
  }

  private long nowMs() {
    return time.now().monotonicMs();
  }
}
